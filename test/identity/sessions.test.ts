import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import {
  endSession,
  findAnySession,
  findSession,
  startSession,
  touchSession,
} from '../../src/identity/sessions.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { makeMember } from './world.ts';

const PLACE = { device: 'Firefox on Linux', ipPrefix: '203.0.113.0/24' };
const DAY_MS = 86_400_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let personId: string;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
      personId = (await makeMember(sql)).person.id;
    });
    afterAll(() => opened.drop());

    const start = (previous?: string, wallMs = Date.now()) =>
      startSession(sql, { stage: 'signed_in', personId, place: PLACE }, previous, wallMs);
    const isAlive = async (token: string, wallMs = Date.now()): Promise<boolean> =>
      (await findSession(sql, token, wallMs)) !== undefined;

    it('finds the person by the token, and by nothing near it', async () => {
      const token = await start();
      expect((await findSession(sql, token, Date.now()))?.person.id).toBe(personId);
      expect(await isAlive(`${token.slice(0, -1)}_`)).toBe(false);
      expect(await isAlive('')).toBe(false);
    });

    it('ends after fourteen idle days, and after thirty however busy', async () => {
      const began = Date.now();
      const token = await start(undefined, began);
      expect(await isAlive(token, began + 14 * DAY_MS - 1)).toBe(true);
      expect(await isAlive(token, began + 14 * DAY_MS)).toBe(false);
      for (let day = 10; day <= 20; day += 10) {
        const now = began + day * DAY_MS;
        const session = await findSession(sql, token, now);
        if (!session) throw new Error(`the session ended before day ${day}`);
        await touchSession(sql, token, session, now);
      }
      expect(await isAlive(token, began + 30 * DAY_MS - 1)).toBe(true);
      expect(await isAlive(token, began + 30 * DAY_MS)).toBe(false);
    });

    it('notes its use at most once a minute', async () => {
      const began = Date.now();
      const token = await start(undefined, began);
      const seen = async (): Promise<number> =>
        (await findSession(sql, token, began))?.lastSeenMs ?? 0;
      const session = await findSession(sql, token, began);
      if (!session) throw new Error('no session');
      await touchSession(sql, token, session, began + 59_999);
      expect(await seen()).toBe(began);
      await touchSession(sql, token, session, began + 60_000);
      expect(await seen()).toBe(began + 60_000);
    });

    it('ends at sign-out and when the same browser signs in again', async () => {
      const first = await start();
      const second = await start(first);
      expect(second).not.toBe(first);
      expect([await isAlive(first), await isAlive(second)]).toEqual([false, true]);
      await endSession(sql, second);
      expect(await isAlive(second)).toBe(false);
    });

    it('go with their person', async () => {
      const { person } = await makeMember(sql);
      const session = { stage: 'signed_in', personId: person.id, place: PLACE } as const;
      const token = await startSession(sql, session, undefined, Date.now());
      await sql.deleteFrom('people').where('id', '=', person.id).execute();
      expect(await isAlive(token)).toBe(false);
      expect(await findAnySession(sql, token, Date.now())).toBeUndefined();
    });

    it('forgets what has expired', async () => {
      const token = await start(undefined, Date.now() - 40 * DAY_MS);
      await start();
      const rows = await sql.selectFrom('sessions').select('expires_at').execute();
      expect(rows.every((row) => row.expires_at.getTime() > Date.now())).toBe(true);
      expect(await isAlive(token)).toBe(false);
    });
  });
}
