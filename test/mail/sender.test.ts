// Sending against a real SMTP server that refuses, hangs up, is away or wants to be asked again later,
// on both databases: nothing is lost, nothing is tried for ever, and logs name nobody.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import { pauseMs } from '../../src/mail/due.ts';
import type { Sender, SenderDeps } from '../../src/mail/sender.ts';
import { openSmtp } from '../../src/mail/smtp.ts';
import { collectLog } from '../reconcile/world.ts';
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

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`the sender on ${db.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let office: PostOffice;
    let log: ReturnType<typeof collectLog>;
    const started: { stop(): Promise<void> }[] = [];
    beforeAll(async () => {
      open = await openTestDatabase(db.name);
      sql = open.database.sql;
    });
    beforeEach(async () => {
      office = await startPostOffice();
      log = collectLog();
    });
    afterEach(async () => {
      for (const each of started.splice(0)) await each.stop();
      await office.close();
      await sql.deleteFrom('mails').execute();
    });
    afterAll(() => open.drop());

    const start = async (deps: Partial<SenderDeps> = {}, url = office.url): Promise<Sender> => {
      const transport = openSmtp(url);
      const sender = await startTestSender(open.database, transport, { log, ...deps });
      started.push({ stop: () => sender.stop().finally(() => transport.close()) });
      return sender;
    };
    const state = async (id: string) => {
      const { attempts, sent_at, given_up_at, failure } = await findMail(sql, 'id', id);
      return { attempts, failure, isSent: sent_at !== null, isGivenUp: given_up_at !== null };
    };
    const SENT = { failure: null, isSent: true, isGivenUp: false };
    const waits = (attempts: number, failure: string) => ({
      attempts,
      failure,
      isSent: false,
      isGivenUp: false,
    });
    const reaches = (id: string, expected: object) =>
      waitUntil(async () => expect(await state(id)).toMatchObject(expected));

    it('sends what waited before it began, and what is queued while it runs', async () => {
      const before = await queue(sql);
      await start();
      await reaches(before, { ...SENT, attempts: 1 });
      const during = await queue(sql, { address: 'grace@example.com' });
      await reaches(during, { ...SENT, attempts: 1 });
      expect(office.received).toHaveLength(2);
      const [first, second] = office.received;
      expect(first).toMatchObject({
        messageId: `<${before}@hub.example>`,
        subject: 'Confirm your email address',
        from: { text: '"The Hub" <hub@hub.example>' },
      });
      expect(first?.headers.get('auto-submitted')).toBe('auto-generated');
      expect(second?.to).toMatchObject({ text: 'grace@example.com' });
    });

    it('sends what somebody waits for before a notice to everybody', async () => {
      const facts = { document: 'terms', version: '2', effective: '2027-01-01' };
      for (let i = 0; i < 3; i++) await queue(sql, { kind: 'policy_change', facts });
      const awaited = await queue(sql);
      await start();
      await waitUntil(() => expect(office.received).toHaveLength(4));
      expect(office.received[0]?.messageId).toBe(`<${awaited}@hub.example>`);
    });

    it('takes an address for one, whatever is in it', async () => {
      await start();
      const id = await queue(sql, { address: 'ada@example.com, eve@example.com' });
      // No server knows such an address.
      await reaches(id, { attempts: 1, isGivenUp: true });
      expect([office.asked, office.received]).toEqual([0, []]);
    });

    it('queues a message once for a key', async () => {
      const id = await queue(sql, { onceKey: 'the same' });
      expect(await queue(sql, { onceKey: 'the same', address: 'other@example.com' })).toBe(id);
      await start();
      await reaches(id, SENT);
      expect(office.received).toHaveLength(1);
    });

    it('comes back later to a server that wants it to, with the same message', async () => {
      office.answerRecipient = 450;
      await start();
      const id = await queue(sql);
      await reaches(id, waits(1, 'smtp_450'));
      await makeDue(sql, id);
      await reaches(id, waits(2, 'smtp_450'));
      office.answerRecipient = undefined;
      await makeDue(sql, id);
      await reaches(id, { ...SENT, attempts: 3 });
      expect(office.received.map(({ messageId }) => messageId)).toEqual([`<${id}@hub.example>`]);
    });

    it('gives up at once where the recipient or the message is refused for good', async () => {
      await start();
      office.answerRecipient = 550;
      const unknown = await queue(sql);
      await reaches(unknown, { attempts: 1, failure: 'smtp_550', isGivenUp: true });
      office.answerRecipient = undefined;
      office.answerMessage = 554;
      const unwanted = await queue(sql);
      await reaches(unwanted, { attempts: 1, failure: 'smtp_554', isGivenUp: true });
      expect(log.lines.map(({ event, fields }) => [event, fields])).toEqual([
        ['mail_given_up', { mailId: unknown, code: 'smtp_550' }],
        ['mail_given_up', { mailId: unwanted, code: 'smtp_554' }],
      ]);
      office.answerMessage = undefined;
      await reaches(await queue(sql), SENT);
    });

    it('does not take the want of a password for a refusal of the recipient', async () => {
      office.answerRecipient = 530;
      await start();
      await reaches(await queue(sql), waits(1, 'smtp_530'));
    });

    it('tries again after a server that hangs up in the middle', async () => {
      office.answerMessage = 'hang-up';
      await start();
      const id = await queue(sql);
      await waitUntil(async () =>
        expect((await state(id)).failure).toMatch(/^e(connection|socket)$/),
      );
      office.answerMessage = undefined;
      await makeDue(sql, id);
      await reaches(id, { ...SENT, attempts: 2 });
      expect(office.received).toHaveLength(1);
    });

    it('uses a new connection where the server has ended the idle one', async () => {
      await start();
      await reaches(await queue(sql), { ...SENT, attempts: 1 });
      office.hangUp();
      await reaches(await queue(sql), { ...SENT, attempts: 1 });
      expect(office.received).toHaveLength(2);
    });

    it('tries again after a server that was away', async () => {
      const { url } = office;
      await office.close();
      await start({}, url);
      const id = await queue(sql);
      await waitUntil(async () => expect((await state(id)).failure).toBe('esocket'));
      office = await startPostOffice(Number(new URL(url).port));
      await makeDue(sql, id);
      await reaches(id, { ...SENT, attempts: 2 });
    });

    it('leaves a server that never comes to an end', async () => {
      const silent = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      await start({ sendMs: 200 }, `smtp://127.0.0.1:${port}`);
      const id = await queue(sql);
      await reaches(id, waits(1, 'timeout'));
      silent.close();
    });

    it('pauses longer each time, and gives up after enough tries', async () => {
      expect([1, 2, 3, 9, 10, 20].map(pauseMs)).toEqual(
        [15, 30, 60, 3_840, 7_200, 7_200].map((seconds) => seconds * 1_000),
      );
      office.answerRecipient = 450;
      const id = await queue(sql);
      await sql.updateTable('mails').set({ attempts: 18 }).where('id', '=', id).execute();
      await start();
      await reaches(id, waits(19, 'smtp_450'));
      await makeDue(sql, id);
      await reaches(id, { attempts: 20, isGivenUp: true });
      const lines = log.lines.map(({ event }) => event);
      expect(lines).toEqual(['mail_not_sent', 'mail_given_up']);
    });

    it('gives up a message that no node lived to say anything of', async () => {
      const id = await queue(sql);
      await sql.updateTable('mails').set({ attempts: 20 }).where('id', '=', id).execute();
      await start();
      await reaches(id, { failure: 'abandoned', isGivenUp: true });
      expect(office.received).toEqual([]);
    });

    it('counts a message that cannot be made as a try, and goes on with the others', async () => {
      const makeLink: SenderDeps['makeLink'] = async (_tx, { address }) => {
        if (address === 'bad@example.com') throw new Error('bad@example.com is a secret');
        return { link: { path: '/confirm', token: 'secret-token' } };
      };
      const bad = await queue(sql, { address: 'bad@example.com' });
      await start({ makeLink });
      await reaches(await queue(sql), SENT);
      await reaches(bad, waits(1, 'not_made'));
      expect(log.lines.map(({ event, fields }) => [event, fields?.mailId])).toEqual([
        ['mail_not_sent', bad],
      ]);
      expect(JSON.stringify(log.lines)).not.toMatch(/@example\.com|secret-token/);
    });

    it('sends nothing of what the link maker drops', async () => {
      await start({ makeLink: async () => 'drop' });
      await reaches(await queue(sql), { ...SENT, attempts: 1 });
      expect(office.received).toEqual([]);
      expect(log.lines).toEqual([]);
    });

    it('makes a new link for every try', async () => {
      const attempts: number[] = [];
      office.answerRecipient = 450;
      await start({
        makeLink: async (_tx, { attempt }) => {
          attempts.push(attempt);
          return { link: { path: '/confirm', token: `token-${attempt}` } };
        },
      });
      const id = await queue(sql);
      await reaches(id, waits(1, 'smtp_450'));
      office.answerRecipient = undefined;
      await makeDue(sql, id);
      await reaches(id, SENT);
      expect(attempts).toEqual([1, 2]);
      expect(office.received[0]?.text).toContain('/confirm#token-2');
    });

    it('stops in a bounded time while a server holds a message up', {
      timeout: 20_000,
    }, async () => {
      const reached = Promise.withResolvers<void>();
      office.answerMessage = () => {
        reached.resolve();
        return new Promise(() => undefined);
      };
      const sender = await start();
      const id = await queue(sql);
      await reached.promise;
      await sender.stop();
      await reaches(id, waits(1, 'timeout'));
    });
  });
}
