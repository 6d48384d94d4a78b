// Which keys are found, by which of their texts and until when: what a gateway believes of a key is
// never older than the key itself.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { type ApiKey, assertUsable } from '../../src/keys/api-key.ts';
import { type KeyCache, openKeyCache } from '../../src/keys/cache.ts';
import { changeKey, rotateKey } from '../../src/keys/change.ts';
import type { KeyLimits } from '../../src/keys/limits.ts';
import { createKey, handOverKeys, revokeKey, revokeKeysOf } from '../../src/keys/manage.ts';
import { type KeyChange, watchKeys } from '../../src/keys/watch.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { type Member, type TestClock, createTestClock, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

const HOUR_MS = 3_600_000;
/** That it is soon is tested elsewhere; here a busy machine may take its time. */
const SOON = { timeout: 10_000 };

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`a key on ${db.label}`, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let clock: TestClock;
    let cache: KeyCache;
    let member: Member;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
      member = await makeMember(sql);
    });
    afterAll(() => opened.drop());
    const open = async (): Promise<void> => {
      clock = createTestClock();
      cache = await openKeyCache(opened.database, clock);
    };
    beforeAll(open);
    // A clock that a test has moved is no other test's.
    afterEach(async () => {
      await cache.close();
      await open();
    });
    afterAll(() => cache.close());

    const make = async (limits: Partial<KeyLimits> = {}, of = member) => {
      const order = { workspaceId: of.workspaceId, createdBy: of.person.id, name: 'ci', limits };
      const made = await inTransaction(sql, (tx) =>
        createKey(tx, { ...order, mode: 'live' }, clock.wallMs()),
      );
      return { ref: { workspaceId: of.workspaceId, keyId: made.key.id }, secret: made.secret };
    };
    type Made = Awaited<ReturnType<typeof make>>;
    const rotate = async ({ ref }: Made, overlapSeconds: number): Promise<string> => {
      const { secret } = await inTransaction(sql, (tx) =>
        rotateKey(tx, ref, overlapSeconds, clock.wallMs()),
      );
      return secret;
    };
    const find = (secret: string): Promise<ApiKey | undefined> | ApiKey | undefined =>
      cache.find(parseKeySecret(secret)?.hash ?? Buffer.alloc(32));
    /** The code of the refusal, in its words for a key that there is; `works` where there is none. */
    const stateOf = async (secret: string, ip = '203.0.113.7'): Promise<string> => {
      const key = await find(secret);
      if (!key) return 'unknown';
      try {
        assertUsable(key, ip);
        return 'works';
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        return `${error.code}: ${error.message}`;
      }
    };

    it('ends at its expiry, known already or not, and says so', async () => {
      const made = await make({ expiresAt: new Date(clock.wallMs() + HOUR_MS) });
      expect(await stateOf(made.secret)).toBe('works');
      clock.advance(HOUR_MS - 60_000);
      expect(await stateOf(made.secret)).toBe('works');
      clock.advance(61_000);
      expect(await stateOf(made.secret)).toBe('authentication_failed: This API key has expired.');
      const later = { limits: { expiresAt: new Date(clock.wallMs() + HOUR_MS) } };
      await inTransaction(sql, (tx) => changeKey(tx, made.ref, later, clock.wallMs()));
      await expect.poll(() => stateOf(made.secret), SOON).toBe('works');
    });

    it('is refused while it is disabled, in words that say it', async () => {
      const made = await make();
      expect(await stateOf(made.secret)).toBe('works');
      const turn = (disabled: boolean) =>
        inTransaction(sql, (tx) =>
          changeKey(tx, made.ref, { disabled, limits: {} }, clock.wallMs()),
        );
      await turn(true);
      await expect
        .poll(() => stateOf(made.secret), SOON)
        .toMatch(/^authentication_failed: .*disabled/);
      await turn(false);
      await expect.poll(() => stateOf(made.secret), SOON).toBe('works');
    });

    it('works from the addresses of its ranges alone', async () => {
      const { secret } = await make({ ipRanges: ['203.0.113.0/24', '2001:db8::1'] });
      expect(await stateOf(secret, '203.0.113.200')).toBe('works');
      expect(await stateOf(secret, '2001:db8::1')).toBe('works');
      expect(await stateOf(secret, '203.0.114.1')).toMatch(/^key_not_allowed/);
      expect(await stateOf(secret, '')).toMatch(/^key_not_allowed/);
    });

    it('lets nobody in whose ranges cannot be read', async () => {
      const { secret } = await make({ ipRanges: ['nonsense'] });
      expect(await stateOf(secret)).toMatch(/^key_not_allowed/);
    });

    it('is found by its text of before until the overlap ends, as the same key', async () => {
      const made = await make({ requestsPerMinute: 5 });
      const before = await find(made.secret);
      const next = await rotate(made, 60);
      await expect.poll(async () => (await find(next))?.keyId, SOON).toBe(made.ref.keyId);
      const still = await find(made.secret);
      expect(still).toMatchObject({ keyId: before?.keyId, limits: { requestsPerMinute: 5 } });
      clock.advance(61_000);
      await expect.poll(() => stateOf(made.secret), SOON).toBe('unknown');
      expect(await stateOf(next)).toBe('works');
    });

    it('loses the text of before at once where it is rotated again, or without an overlap', async () => {
      const made = await make();
      const second = await rotate(made, 3_600);
      expect(await stateOf(made.secret)).toBe('works');
      const third = await rotate(made, 3_600);
      await expect.poll(() => stateOf(made.secret), SOON).toBe('unknown');
      expect(await stateOf(second)).toBe('works');
      const fourth = await rotate(made, 0);
      for (const text of [second, third]) {
        await expect.poll(() => stateOf(text), SOON).toBe('unknown');
      }
      expect(await stateOf(fourth)).toBe('works');
    });

    it('has two texts that work after two rotations at once, and the first is none of them', async () => {
      const made = await make();
      expect(await stateOf(made.secret)).toBe('works');
      const texts = await Promise.all([rotate(made, 3_600), rotate(made, 3_600)]);
      await expect.poll(() => stateOf(made.secret), SOON).toBe('unknown');
      for (const text of texts) expect(await stateOf(text)).toBe('works');
    });

    it('is told to the gateways when it is changed, and under both of its texts', async () => {
      const made = await make();
      const told: KeyChange[] = [];
      const watch = await watchKeys(opened.database, (changes) => void told.push(...changes));
      const hashesOf = (...texts: string[]) => texts.map((text) => parseKeySecret(text)?.hash);
      const newest = () => told.filter(({ keyId }) => keyId === made.ref.keyId).at(-1)?.hashes;
      await inTransaction(sql, (tx) => changeKey(tx, made.ref, { limits: {} }, clock.wallMs()));
      await expect.poll(() => newest()?.map(toHex), SOON).toEqual(hashesOf(made.secret).map(toHex));
      const next = await rotate(made, 60);
      const both = hashesOf(next, made.secret).map(toHex);
      await expect.poll(() => newest()?.map(toHex), SOON).toEqual(both);
      await watch.close();
    });

    it('is dead under all its texts once it is revoked', async () => {
      const made = await make();
      const next = await rotate(made, 3_600);
      for (const text of [made.secret, next]) expect(await stateOf(text)).toBe('works');
      await inTransaction(sql, (tx) =>
        revokeKey(tx, made.ref.workspaceId, made.ref.keyId, clock.wallMs()),
      );
      for (const text of [made.secret, next]) {
        await expect.poll(() => stateOf(text), SOON).toBe('unknown');
      }
      await expect(rotate(made, 0)).rejects.toMatchObject({ code: 'conflict' });
    });

    it('is dead when its maker is removed from the workspace, known already or not', async () => {
      const maker = await makeMember(sql);
      await sql
        .insertInto('members')
        .values({ workspace_id: member.workspaceId, person_id: maker.person.id, role: 'developer' })
        .execute();
      const theirs = { person: maker.person, workspaceId: member.workspaceId };
      const known = await make({}, theirs);
      const elsewhere = await make({}, maker);
      expect(await stateOf(known.secret)).toBe('works');
      await inTransaction(sql, async (tx) => {
        const of = { personId: maker.person.id, workspaceId: member.workspaceId };
        await revokeKeysOf(tx, of, clock.wallMs());
        await tx
          .deleteFrom('members')
          .where('person_id', '=', maker.person.id)
          .where('workspace_id', '=', member.workspaceId)
          .execute();
      });
      await expect.poll(() => stateOf(known.secret), SOON).toBe('unknown');
      expect(await stateOf(elsewhere.secret)).toBe('works');
      // And a key that nobody revoked is nobody's once its maker is gone.
      await sql.deleteFrom('members').where('person_id', '=', maker.person.id).execute();
      const { ref, secret } = await make({}, maker);
      expect(ref.keyId).not.toBe('');
      expect(await stateOf(secret)).toBe('unknown');
    });

    it('goes on as another member’s when it is handed over', async () => {
      const maker = await makeMember(sql);
      const made = await make({}, { person: maker.person, workspaceId: member.workspaceId });
      const texts = [made.secret, await rotate(made, 3_600)];
      for (const text of texts) expect(await stateOf(text)).toBe('unknown');
      await inTransaction(sql, (tx) =>
        handOverKeys(tx, member.workspaceId, maker.person.id, member.person.id, clock.wallMs()),
      );
      for (const text of texts) await expect.poll(() => stateOf(text), SOON).toBe('works');
      expect(await find(made.secret)).toMatchObject({ createdBy: member.person.id });
    });
  });
}

function toHex(hash: Buffer | undefined): string {
  return Buffer.from(hash ?? []).toString('hex');
}
