// A real SMTP server on loopback that takes every message and keeps it, as a person's mail program
// would show it. Tests wait for the message that they are about.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
}

export interface Mailbox {
  /** What SMTP_URL is set to. */
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  /** The next message to an address that fits; one that was returned is not returned again. */
  next(to: string, fits?: (mail: ReceivedMail) => boolean): Promise<ReceivedMail>;
  close(): Promise<void>;
}

const LONGEST_WAIT_MS = 20_000;

export async function startMailbox(): Promise<Mailbox> {
  const received: ReceivedMail[] = [];
  const returned = new Set<ReceivedMail>();
  const arrivals = new Set<() => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      simpleParser(stream).then((parsed) => {
        for (const { address } of session.envelope.rcptTo) {
          received.push({
            to: address,
            subject: parsed.subject ?? '',
            text: parsed.text ?? '',
            html: parsed.html || '',
            messageId: parsed.messageId ?? '',
          });
        }
        for (const arrived of arrivals) arrived();
        done();
      }, done);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    async next(to, fits = () => true) {
      const find = () =>
        received.find((mail) => mail.to === to && !returned.has(mail) && fits(mail));
      const deadline = AbortSignal.timeout(LONGEST_WAIT_MS);
      let mail = find();
      while (!mail) {
        await nextArrival(arrivals, deadline, to);
        mail = find();
      }
      returned.add(mail);
      return mail;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The path and the token of the one link of a message: what comes behind the hub's address. */
export function linkIn(mail: ReceivedMail, baseUrl: string): string {
  const links = mail.text.match(/https?:\/\/[^\s>)\]]+#[\w-]+/g) ?? [];
  const [link] = links;
  if (!link?.startsWith(`${baseUrl}/`)) throw new Error(`no link of ${baseUrl} in: ${mail.text}`);
  return link.slice(baseUrl.length);
}

function nextArrival(arrivals: Set<() => void>, deadline: AbortSignal, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void): void => {
      arrivals.delete(arrived);
      deadline.removeEventListener('abort', late);
      finish();
    };
    const arrived = (): void => end(resolve);
    const late = (): void => end(() => reject(new Error(`no such mail to ${to} came`)));
    arrivals.add(arrived);
    deadline.addEventListener('abort', late);
  });
}
