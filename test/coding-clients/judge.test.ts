// What `npm run clients` takes for success: a task that was done and booked passes, and each thing that
// can be wrong with one is said. The clients themselves are not run here; they come from npm.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge } from '../../scripts/coding-clients/judge.ts';
import { CODING_CLIENTS } from '../../scripts/coding-clients/list.ts';

const MODEL = 'sandbox/agent';
const CLIENT = { protocol: 'openai-chat' } as const;

type Sighting = Parameters<typeof judge>[1];
type Booked = Parameters<typeof judge>[2][number];

const END = {
  code: 0,
  stdout: 'The tool answered: "note 1"\n',
  stderr: '',
  timedOut: false,
};
const SIGHTING: Sighting = {
  end: END,
  orders: 1,
  note: 'note 1',
  reportText: 'report 2',
  report: 'report 2\n',
  copy: 'note 1\n',
  outside: [],
};

const line = (name: 'inUncached' | 'inCacheRead' | 'outText', quantity: number) => ({
  class: name,
  quantity,
  nanosPerMillion: '1',
  amountFemtos: '1',
});
const entriesOf = (nanos: string) => [
  { account: 'live:workspace', amountNanos: `-${nanos}` },
  { account: 'live:revenue', amountNanos: nanos },
];
const RECEIPT: Booked = {
  id: 'req_1',
  protocol: 'openai-chat',
  outcome: 'completed',
  modelServed: MODEL,
  usageSource: 'provider',
  lines: [line('inUncached', 5), line('outText', 2)],
  chargeNanos: '7',
  ledger: {
    transactionId: 't',
    kind: 'settle',
    createdAt: '2026-11-27T00:00:00Z',
    entries: entriesOf('7'),
    totalNanos: '7',
    requests: 1,
  },
};

const faultsOf = (sighting: Partial<Sighting>, receipt: Partial<Booked> = {}): string[] => {
  const booked = { ...RECEIPT, ...receipt };
  return judge(CLIENT, { ...SIGHTING, ...sighting }, [booked, booked], MODEL);
};

describe('a client', () => {
  it('passes that did its task and paid for it', () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({}, { lines: [line('inCacheRead', 5), line('outText', 2)] })).toEqual([]);
  });

  it.each<[string, Partial<Sighting>]>([
    ['it ended with 1', { end: { ...END, code: 1 } }],
    ['it ended with null', { end: { ...END, code: null } }],
    ['it did not come to an end', { end: { ...END, code: null, timedOut: true } }],
    ['the report is not there', { report: undefined }],
    ['the report is "other"', { report: 'other' }],
    ['the copy of the note is not there', { copy: undefined }],
    ['the copy of the note is ""', { copy: '' }],
    ["it did not print the model's last words", { end: { ...END, stdout: 'note 1' } }],
    [
      "it did not print the model's last words",
      { end: { ...END, stdout: 'The tool answered: ""' } },
    ],
  ])('is told: %s', (fault, sighting) => {
    const faults = faultsOf(sighting);
    expect(faults[0]).toBe(fault);
    expect(faults.at(-1)).toMatch(/^its own words: /);
  });

  it.each<[string, Partial<Booked>]>([
    ['was asked in gemini', { protocol: 'gemini' }],
    ['is client_closed', { outcome: 'client_closed' }],
    ['was served by null', { modelServed: null }],
    ['takes its usage from: estimated', { usageSource: 'estimated' }],
    ['has no prompt tokens', { lines: [line('outText', 2)] }],
    ['has no answer tokens', { lines: [line('inUncached', 5)] }],
    ['is not booked at its charge', { ledger: null }],
    ['is not booked at its charge', { chargeNanos: '8' }],
  ])('is told of each receipt that %s', (fault, receipt) => {
    expect(faultsOf({}, receipt)).toEqual([`req_1 ${fault}`, `req_1 ${fault}`]);
  });

  it('is told of a request that was not booked', () => {
    expect(judge(CLIENT, SIGHTING, [RECEIPT], MODEL)).toEqual(['it left 1 receipts, fewer than 2']);
  });
});

describe('the documentation', () => {
  const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8');
  const section = page.split('\n## ').find((text) => text.startsWith('Coding clients')) ?? '';

  it('names each client at the version that is run', () => {
    for (const client of CODING_CLIENTS) {
      expect(section).toContain(`| ${client.name} (\`${client.package}\`) | ${client.version} |`);
    }
  });

  it('tells the user every setting by which a client is pointed at a hub', () => {
    const settings = {
      'claude-code': ['ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_MODEL'],
      codex: ['model_provider', 'model_catalog_json', 'env_key', 'wire_api'],
      'gemini-cli': ['GOOGLE_GEMINI_BASE_URL', 'GEMINI_API_KEY', 'gemini-api-key'],
      opencode: ['@ai-sdk/openai-compatible', 'baseURL', '{env:HUB_KEY}'],
    };
    for (const name of Object.values(settings).flat()) expect(section).toContain(name);
    expect(Object.keys(settings)).toEqual(CODING_CLIENTS.map(({ id }) => id));
  });
});
