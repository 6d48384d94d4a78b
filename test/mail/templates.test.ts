// The words of every kind: link and facts in text and HTML alike, and names that cannot be anything
// but names, through a real composer and parser of messages.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeMail } from '../../src/mail/compose.ts';
import { inertName, oneLine } from '../../src/mail/inert.ts';
import type { MailFacts } from '../../src/mail/kinds.ts';
import { openSmtp } from '../../src/mail/smtp.ts';
import type { MadeLink } from '../../src/mail/templates.ts';
import { FROM, HUB_URL, type PostOffice, startPostOffice } from './world.ts';

const TOKEN = 'Zk9-token_of-the-link';
const AT = '2026-11-27T18:05:59.123Z';
const WHEN = '2026-11-27 18:05 UTC';

interface Case<K extends keyof MailFacts> {
  readonly facts: MailFacts[K];
  readonly made?: MadeLink;
  readonly link: string;
  readonly says: readonly string[];
}

const withToken = (path: string) => ({
  made: { link: { path, token: TOKEN } },
  link: `${HUB_URL}${path}#${TOKEN}`,
});
const settings = { link: `${HUB_URL}/console/settings` };

const CASES: { readonly [K in keyof MailFacts]: Case<K> } = {
  confirm_sign_up: { facts: { name: 'Ada' }, ...withToken('/confirm'), says: ['Hello Ada'] },
  reset_password: { facts: { at: AT }, ...withToken('/reset'), says: [WHEN] },
  password_changed: { facts: { at: AT }, ...settings, says: [WHEN] },
  confirm_email: { facts: { name: 'Ada' }, ...withToken('/confirm-email'), says: ['Hello Ada'] },
  email_changing: {
    facts: { newEmail: 'new@mail.example', done: false },
    ...settings,
    says: ['new@mail.example', 'take the change back'],
  },
  new_device: {
    facts: { device: 'Firefox on Linux', ipPrefix: '203.0.113.0/24', at: AT },
    ...settings,
    says: ['Firefox on Linux', '203.0.113.0/24', WHEN],
  },
  second_factor_changed: {
    facts: { change: 'recovery_code_used', at: AT },
    ...settings,
    says: ['A recovery code was used', WHEN],
  },
  invitation: {
    facts: { workspaceName: 'Looms', invitedBy: 'Grace', role: 'developer' },
    ...withToken('/invitation'),
    says: ['Looms', 'Grace invites you', 'developer'],
  },
  low_balance: {
    facts: { workspaceName: 'Looms', balanceUsd: '4.5', thresholdUsd: '5' },
    link: `${HUB_URL}/console`,
    says: ['Looms', '$4.50', '$5.00'],
  },
  budget_reached: {
    facts: {
      workspaceName: 'Looms',
      of: 'key',
      ownerName: 'runner',
      span: 'daily',
      limitUsd: '0.125',
      percent: 80,
    },
    link: `${HUB_URL}/console/keys`,
    says: ['Looms', 'Key: runner', '$0.125, a day', '80 %'],
  },
  top_up_receipt: {
    facts: { workspaceName: 'Looms', amountUsd: '20', balanceUsd: '24.5', method: 'Card', at: AT },
    link: `${HUB_URL}/console`,
    says: ['Looms', '$20.00', '$24.50', 'Card', WHEN],
  },
  policy_change: {
    facts: { document: 'privacy', version: '2026-12-24', effective: '2027-01-23' },
    link: `${HUB_URL}/privacy`,
    says: ['Privacy policy', '2026-12-24', '2027-01-23'],
  },
  deletion: { facts: { at: AT }, link: `${HUB_URL}/`, says: [WHEN] },
};

const HOSTILE = [
  'Eve<img src=x onerror=alert(1)></title><script>x()</script>',
  'to win: https://evil.example/now or www.evil.example',
  'over\r\nBcc: victim@example.com\r\n\r\n<b>body</b>',
  '\u202Egnp.exe\u2028"quoted" & \'more\'',
].join(' ');

/** The facts of a kind with every text replaced that a person can choose. */
function hostileFacts(facts: object): never {
  const names = new Set(['name', 'workspaceName', 'invitedBy', 'ownerName', 'device', 'method']);
  const entries = Object.entries(facts) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([field, value]) => [field, names.has(field) ? HOSTILE : value]),
  ) as never;
}

const kinds = Object.keys(CASES) as (keyof MailFacts)[];

describe('messages', () => {
  let office: PostOffice;
  let smtp: ReturnType<typeof openSmtp>;
  beforeAll(async () => {
    office = await startPostOffice();
    smtp = openSmtp(office.url);
  });
  afterAll(async () => {
    smtp.close();
    await office.close();
  });

  it.each(kinds)('of the kind %s say the facts and the link, as text and as HTML', async (kind) => {
    const { facts, made = {}, link, says } = CASES[kind];
    const { subject, text, html } = await composeMail(kind, { ...facts }, made, HUB_URL);
    expect(subject).toMatch(/^[A-Z][^\n]+$/);
    for (const fact of says) {
      expect(text).toContain(fact);
      expect(html).toContain(fact);
    }
    expect(text.split('\n')).toContain(link);
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([link, link]);
    // Nothing is fetched when it is opened.
    expect(html).not.toMatch(/<(img|link|script|iframe)|src=|url\(/);
  });

  it.each(kinds)('of the kind %s take names for text', async (kind) => {
    const { facts, made = {}, link } = CASES[kind];
    const composed = await composeMail(kind, hostileFacts(facts), made, HUB_URL);
    const id = 'msg_01kb3nvc6t0000000000000000';
    const message = { id, messageId: `<${id}@hub.example>`, from: FROM, to: 'ada@example.com' };
    await smtp.send({ ...message, ...composed }, new AbortController().signal);
    const received = office.received.at(-1);
    expect(received?.headers.has('bcc')).toBe(false);
    expect([...(received?.headers.keys() ?? [])].toSorted()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]);
    expect(received?.subject).not.toMatch(/[\r\n\u2028\u202E]/);
    const { text = '', html } = received ?? {};
    expect(text).not.toMatch(/evil\.example|[\u2028\u202E]/);
    expect(html).not.toMatch(/<(img|script|b)\b|evil\.example|[\u2028\u202E]/);
    expect(String(html).match(/<title>/g)).toHaveLength(1);
    expect([...String(html).matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      link,
      link,
    ]);
  });

  it('tell an address that has an account so, without a link that does anything', async () => {
    const made = { accountExists: true };
    const { subject, text, html } = await composeMail(
      'confirm_sign_up',
      { name: 'Ada' },
      made,
      HUB_URL,
    );
    expect(subject).toBe('You have an account already');
    expect(text.split('\n')).toContain(`${HUB_URL}/sign-in`);
    expect(html).not.toContain('#t');
    expect(text).not.toContain('#');
  });

  it('are not made without the link that they are for', async () => {
    await expect(composeMail('reset_password', { at: AT }, {}, HUB_URL)).rejects.toThrow(/link/);
  });

  it('read the same for every use of a word', async () => {
    const facts = { ...CASES.budget_reached.facts, of: 'member' as const, percent: 100 };
    const { text } = await composeMail('budget_reached', { ...facts }, {}, HUB_URL);
    expect(text).toContain('Member: runner');
    expect(text).toContain('used up');
    const done = await composeMail(
      'email_changing',
      { newEmail: 'new@example.com', done: true },
      {},
      HUB_URL,
    );
    expect(done.subject).toBe('Your email address was changed');
  });
});

describe('a name', () => {
  it('is one line of bounded length, read in one direction', () => {
    expect(oneLine(' a\r\n\tb\u0000c\u2029d \u202Ee ')).toBe('a b c d e');
    expect(Array.from(oneLine('😀'.repeat(400)))).toHaveLength(300);
  });

  it('keeps its letters, whatever the script', () => {
    const names = ['Ada Łovelace', '山田 太郎', 'می‌خواهم', '👩‍💻 Ops', 'O’Neil & Sons, Inc.'];
    expect(names.map(inertName)).toEqual(names);
  });

  it('holds nothing that a mail program would make a link of', () => {
    const visible = inertName('https://evil.example and me@evil.example').replaceAll('\u2060', '');
    expect(visible).toBe('https://evil.example and me@evil.example');
    expect(inertName('https://evil.example me@evil.example')).not.toMatch(/:\/\/|\.e|@e/);
  });
});

describe('a sender with a name', () => {
  it('is the one of the setting', async () => {
    const office = await startPostOffice();
    const smtp = openSmtp(office.url);
    const composed = await composeMail('deletion', { at: AT }, {}, HUB_URL);
    const message = {
      id: 'msg',
      messageId: '<msg@hub.example>',
      from: 'Hüb, Inc. <hub@hub.example>',
    };
    await smtp.send({ ...message, to: 'a@b.example', ...composed }, new AbortController().signal);
    const [received] = office.received;
    expect(received?.from?.value).toEqual([{ address: 'hub@hub.example', name: 'Hüb, Inc.' }]);
    smtp.close();
    await office.close();
  });
});
