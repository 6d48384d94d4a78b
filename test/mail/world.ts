// What the suites of mail share: a real SMTP server that misbehaves as a test wants it, a queue in a
// real database, and senders on it.

import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { type Database, type Sql, inTransaction } from '../../src/db/database.ts';
import { openOutbox } from '../../src/mail/outbox.ts';
import type { Transport } from '../../src/mail/port.ts';
import { type NewMail, announceMails, queueMail } from '../../src/mail/queue.ts';
import { type Sender, type SenderDeps, startSender } from '../../src/mail/sender.ts';
import { collectLog } from '../reconcile/world.ts';

/** Long enough for a machine that does much else. */
export const waitUntil = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 15_000 });

export interface PostOffice {
  readonly url: string;
  readonly received: ParsedMail[];
  /** How often a recipient was named. */
  asked: number;
  /** What it answers to the next recipients; undefined: it takes them. */
  answerRecipient: number | undefined;
  /** What happens once it has a whole message; undefined: it keeps it and answers 250. */
  answerMessage: number | 'hang-up' | (() => Promise<void>) | undefined;
  hangUp(): void;
  close(): Promise<void>;
}

const refusal = (responseCode: number) =>
  Object.assign(new Error(`no, ada@example.com, ${responseCode}`), { responseCode });

/** A server on loopback; on `port`, where one was before. */
export async function startPostOffice(port = 0): Promise<PostOffice> {
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo(_address, _session, done) {
      office.asked += 1;
      const code = office.answerRecipient;
      done(code === undefined ? null : refusal(code));
    },
    onData(stream, _session, done) {
      simpleParser(stream).then(async (parsed) => {
        const answer = office.answerMessage;
        if (answer === 'hang-up') return office.hangUp();
        if (typeof answer === 'number') return done(refusal(answer));
        office.received.push(parsed);
        await answer?.();
        done();
      }, done);
    },
  });
  // Connections that are cut on purpose.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const office: PostOffice = {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received: [],
    asked: 0,
    answerRecipient: undefined,
    answerMessage: undefined,
    hangUp: () => sockets.forEach((socket) => socket.destroy()),
    async close() {
      office.hangUp();
      await promisify(server.close.bind(server))();
    },
  };
  return office;
}

export const FROM = 'The Hub <hub@hub.example>';
export const HUB_URL = 'https://hub.example/inference';

/** A sender whose links are all the same. */
export function startTestSender(
  database: Database,
  transport: Transport,
  deps: Partial<SenderDeps> = {},
): Promise<Sender> {
  return startSender({
    database,
    clock: systemClock,
    log: collectLog(),
    transport,
    outbox: openOutbox('/nonexistent/outbox'),
    from: FROM,
    publicUrl: HUB_URL,
    makeLink: async () => ({ link: { path: '/confirm', token: 'token-of-the-link' } }),
    ...deps,
  });
}

/** Queues a sign-up's message to an address; returns the mail's id. */
export async function queue(sql: Sql, details: Partial<NewMail> = {}): Promise<string> {
  const onceKey = newId('msg', Date.now());
  const mail = {
    kind: 'confirm_sign_up',
    address: 'ada@example.com',
    facts: { name: 'Ada' },
    onceKey,
    ...details,
  } as NewMail;
  await inTransaction(sql, (tx) => queueMail(tx, mail, Date.now()));
  return (await findMail(sql, 'once_key', mail.onceKey)).id;
}

export function findMail(sql: Sql, by: 'id' | 'once_key', value: string) {
  return sql.selectFrom('mails').selectAll().where(by, '=', value).executeTakeFirstOrThrow();
}

/** As if its pause, or the time of whoever has taken it, were over. */
export async function makeDue(sql: Sql, id: string): Promise<void> {
  await inTransaction(sql, async (tx) => {
    await tx
      .updateTable('mails')
      .set({ due_at: new Date(0) })
      .where('id', '=', id)
      .execute();
    await announceMails(tx);
  });
}
