// What strangers write into requests about accounts, against a running hub with a real mail server:
// addresses of other hosts, and line breaks where something is logged.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTS } from '../../src/policy/documents.ts';
import { type MailingHub, startMailingHub } from '../journeys/people.ts';
import { linkIn } from '../support/mailbox.ts';
import { proveWork } from '../support/work.ts';

const ELSEWHERE = [
  { host: 'evil.example' },
  { 'x-forwarded-host': 'evil.example' },
  { forwarded: 'host=evil.example;proto=https', 'x-forwarded-proto': 'https' },
  { host: 'evil.example', 'x-original-host': 'evil.example', 'x-forwarded-port': '666' },
];

const FORM = {
  name: 'Ada',
  password: 'harbour violin pebble sunday',
  isAdult: true,
  termsVersion: DOCUMENTS.terms.version,
  privacyVersion: DOCUMENTS.privacy.version,
};

describe('mails', () => {
  let hub: MailingHub;
  beforeAll(async () => {
    hub = await startMailingHub();
  });
  afterAll(() => hub.stop());

  /** With headers that fetch would not send. */
  const post = async (path: string, body: object, headers: object): Promise<number | undefined> => {
    const url = new URL(`/api/v1${path}`, hub.baseUrl);
    const asked = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    asked.end(JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return answer.statusCode;
  };

  it.each(ELSEWHERE)('lead to the hub itself, whatever a request says: %o', async (headers) => {
    const email = `ada${ELSEWHERE.indexOf(headers)}@example.com`;
    const signUp = { ...FORM, email, proofOfWork: await proveWork(hub.baseUrl) };
    expect(await post('/sign-up', signUp, headers)).toBe(202);
    const welcome = await hub.mailbox.next(email);
    const [, token] = linkIn(welcome, hub.baseUrl).split('#');
    expect(`${welcome.text}${welcome.html}`).not.toContain('evil');
    const confirmed = { token, password: FORM.password };
    expect(await post('/sign-up/confirm', confirmed, headers)).toBe(200);
    const reset = { email, proofOfWork: await proveWork(hub.baseUrl) };
    expect(await post('/password-reset', reset, headers)).toBe(202);
    const mail = await hub.mailbox.next(email);
    expect(linkIn(mail, hub.baseUrl)).toMatch(/^\/reset#/);
    expect(`${mail.text}${mail.html}`).not.toContain('evil');
  });
});

describe('the log', () => {
  it('has one line for each event, whatever is in its fields', () => {
    const forged = `x\n{"level":30,"msg":"forged"}\r\u2028`;
    const program = `
      const { openLog } = await import('./src/host/log.ts');
      openLog('info').warn('event', { code: ${JSON.stringify(forged)} });`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(stderr.split('\n')).toHaveLength(2);
    expect(JSON.parse(stderr)).toMatchObject({ msg: 'event', code: forged });
  });
});
