// Several nodes on one PostgreSQL: no message goes out twice while all live, none is lost when one is
// killed, and one that was sent by a node that died before it could say so comes again as the same.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql as rawSql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { openSmtp } from '../../src/mail/smtp.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import {
  type PostOffice,
  findMail,
  makeDue,
  queue,
  startPostOffice,
  startTestSender,
  waitUntil,
} from './world.ts';

const SENDER = fileURLToPath(new URL('sender-process.ts', import.meta.url));
const postgres = TEST_DATABASES.find(({ name }) => name === 'postgres');

describe.skipIf(!postgres?.available)(`mail of several nodes on ${postgres?.label}`, () => {
  let open: OpenTestDatabase;
  let office: PostOffice;
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    open = await openTestDatabase('postgres');
  });
  beforeEach(async () => {
    office = await startPostOffice();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
    await office.close();
    await open.database.sql.deleteFrom('mails').execute();
  });
  afterAll(() => open.drop());

  const startNode = async (): Promise<Database> => {
    const database = openPostgres(open.url ?? '');
    const transport = openSmtp(office.url);
    ends.push(() => database.close());
    const sender = await startTestSender(database, transport);
    ends.push(() => sender.stop().finally(() => transport.close()));
    return database;
  };

  const WAITING = rawSql`from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  const countWaiting = async () =>
    (await rawSql`select pid ${WAITING}`.execute(open.database.sql)).rows.length;

  it('goes out once, whoever is quicker', { timeout: 30_000 }, async () => {
    const { sql } = open.database;
    const ids = await Promise.all(Array.from({ length: 40 }, () => queue(sql)));
    const nodes = [await startNode(), await startNode(), await startNode()];
    const late = nodes.map(({ sql: own }) => queue(own));
    const all = [...ids, ...(await Promise.all(late))].map((id) => `<${id}@hub.example>`);
    await waitUntil(async () => {
      const left = await sql
        .selectFrom('mails')
        .select('id')
        .where('sent_at', 'is', null)
        .execute();
      expect(left).toEqual([]);
    });
    const received = office.received.map(({ messageId = '' }) => messageId);
    expect(received.toSorted()).toEqual(all.toSorted());
  });

  it('holds up no other message while a node takes it', async () => {
    const { sql } = open.database;
    const [taken, other] = [await queue(sql), await queue(sql)];
    await makeDue(sql, taken);
    await sql.transaction().execute(async (tx) => {
      await tx.selectFrom('mails').select('id').where('id', '=', taken).forUpdate().execute();
      await startNode();
      await waitUntil(async () => {
        expect((await findMail(sql, 'id', other)).sent_at).not.toBeNull();
      });
    });
    await waitUntil(async () => {
      expect((await findMail(sql, 'id', taken)).sent_at).not.toBeNull();
    });
    expect(office.received).toHaveLength(2);
  });

  it('is no other node’s while one is at it', async () => {
    const { sql } = open.database;
    const reached = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    office.answerMessage = () => {
      reached.resolve();
      return answer.promise;
    };
    const id = await queue(sql);
    await startNode();
    await reached.promise;
    office.answerMessage = undefined;
    await startNode();
    // The second has been through everything that is due once this is sent.
    const other = await queue(sql);
    await waitUntil(async () => expect((await findMail(sql, 'id', other)).sent_at).not.toBeNull());
    expect(office.received).toHaveLength(2);
    answer.resolve();
    await waitUntil(async () => expect((await findMail(sql, 'id', id)).sent_at).not.toBeNull());
    expect((await findMail(sql, 'id', id)).attempts).toBe(1);
    expect(office.received).toHaveLength(2);
  });

  it('comes again as the same message from a node that was killed after the 250', {
    timeout: 30_000,
  }, async () => {
    const { sql } = open.database;
    const id = await queue(sql);
    const unlock = Promise.withResolvers<void>();
    let locked: Promise<unknown> | undefined;
    // What the node would say of the message waits for a lock, so that it can be killed before.
    office.answerMessage = async () => {
      const held = Promise.withResolvers<void>();
      locked = sql.transaction().execute(async (tx) => {
        await tx.selectFrom('mails').select('id').where('id', '=', id).forUpdate().execute();
        held.resolve();
        await unlock.promise;
      });
      await held.promise;
    };
    const env = { ...process.env, MAIL_TEST_DATABASE: open.url, MAIL_TEST_SMTP: office.url };
    const child = spawn(process.execPath, [SENDER], { env, stdio: 'inherit' });
    const killed = once(child, 'exit');
    await waitUntil(async () => expect(await countWaiting()).toBe(1));
    child.kill('SIGKILL');
    await killed;
    // The server would do a waiting statement for a client that is gone, too.
    await rawSql`select pg_terminate_backend(pid) ${WAITING}`.execute(sql);
    await waitUntil(async () => expect(await countWaiting()).toBe(0));
    unlock.resolve();
    await locked;
    expect(await findMail(sql, 'id', id)).toMatchObject({ attempts: 1, sent_at: null });

    office.answerMessage = undefined;
    await startNode();
    await makeDue(sql, id);
    await waitUntil(async () => expect((await findMail(sql, 'id', id)).sent_at).not.toBeNull());
    const [first, second, ...others] = office.received.map(({ messageId }) => messageId);
    expect([first, others]).toEqual([`<${id}@hub.example>`, []]);
    expect(second).toBe(first);
  });
});
