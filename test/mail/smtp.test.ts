// What crosses the network to a mail server: a password never in the clear. An address that is not on
// loopback by its name, yet reaches this machine, stands in for a server elsewhere.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { MailFailure, Message } from '../../src/mail/port.ts';
import { openSmtp } from '../../src/mail/smtp.ts';
import { makeCertificate } from '../support/certificate.ts';
import { FROM } from './world.ts';

const CERTIFICATE = makeCertificate();
const ELSEWHERE = '0.0.0.0';
const MESSAGE: Message = {
  id: 'msg',
  messageId: '<msg@hub.example>',
  from: FROM,
  to: 'ada@example.com',
  subject: 'Hello',
  text: 'Hello',
  html: '<p>Hello</p>',
};

describe('an SMTP server', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const startServer = async (options: SMTPServerOptions) => {
    const seen = { passwords: [] as string[], secure: [] as boolean[] };
    const server = new SMTPServer({
      ...CERTIFICATE,
      allowInsecureAuth: true,
      authOptional: true,
      onAuth({ password }, _session, done) {
        seen.passwords.push(password ?? '');
        done(null, { user: 'hub' });
      },
      onData(stream, { secure }, done) {
        seen.secure.push(secure);
        stream.resume().on('end', () => done());
      },
      ...options,
    });
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    ends.push(promisify(server.close.bind(server)));
    return { seen, port: (server.server.address() as AddressInfo).port };
  };
  const send = async (url: string): Promise<MailFailure | undefined> => {
    const smtp = openSmtp(url);
    ends.push(smtp.close);
    return smtp.send(MESSAGE, new AbortController().signal).then(
      () => undefined,
      (error: MailFailure) => error,
    );
  };

  it('without TLS gets no password and no message', async () => {
    const { seen, port } = await startServer({ disabledCommands: ['STARTTLS'] });
    const failure = await send(`smtp://hub:hunter2@${ELSEWHERE}:${port}`);
    expect(failure).toMatchObject({ isPermanent: false });
    expect(failure?.message).not.toContain('hunter2');
    expect(seen).toEqual({ passwords: [], secure: [] });
  });

  it('without TLS that wants no password gets the message', async () => {
    const { seen, port } = await startServer({ disabledCommands: ['STARTTLS'] });
    expect(await send(`smtp://${ELSEWHERE}:${port}`)).toBeUndefined();
    expect(seen.secure).toEqual([false]);
  });

  it('gets the password under TLS, and only if its certificate is vouched for', async () => {
    const { seen, port } = await startServer({});
    const url = `smtp://hub:hunter2@${ELSEWHERE}:${port}`;
    expect(await send(url)).toMatchObject({ isPermanent: false });
    expect(seen).toEqual({ passwords: [], secure: [] });
    expect(await send(`${url}?tls.rejectUnauthorized=false`)).toBeUndefined();
    expect(seen).toEqual({ passwords: ['hunter2'], secure: [true] });
  });

  it('on loopback gets both as they are', async () => {
    const { seen, port } = await startServer({});
    expect(await send(`smtp://hub:hunter2@127.0.0.1:${port}`)).toBeUndefined();
    expect(seen).toEqual({ passwords: ['hunter2'], secure: [false] });
  });

  it('that refuses the password may take it once it is mended', async () => {
    const { port } = await startServer({
      onAuth: (_auth, _session, done) => done(new Error('no, hub')),
    });
    expect(await send(`smtp://hub:hunter2@127.0.0.1:${port}`)).toMatchObject({
      code: 'smtp_535',
      isPermanent: false,
    });
  });
});
