// Several accounts of the hub's at one provider, through a real hub: each is limited, refused and put
// aside by itself, and customers see none of it.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chatAnswer } from '../faults/answers.ts';
import { type Customer, ask, call, makeCustomer } from '../faults/world.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Asked, type Upstream, answerJson, startUpstream } from '../support/upstream.ts';

/** Of different models, so that no case begins with what the one before has used up. */
const LIMITED = 'groq/gpt-oss-120b';
const PLAIN = 'openai/gpt-4o';
const NO = { error: { message: 'no' } };

let hub: Hub;
let customer: Customer;
let groq: Upstream;
let openai: Upstream;

beforeAll(async () => {
  [groq, openai] = await Promise.all([startUpstream(), startUpstream()]);
  hub = await startHub({
    env: {
      GROQ_ACCOUNTS: JSON.stringify([
        { label: 'small', key: 'key-small', requests_per_minute: 2 },
        { label: 'narrow', key: 'key-narrow', concurrency: 1, requests_per_minute: 3 },
      ]),
      GROQ_BASE_URL: groq.baseUrl,
      OPENAI_ACCOUNTS: JSON.stringify([
        { label: 'first', key: 'key-first' },
        { label: 'second', key: 'key-second' },
      ]),
      OPENAI_BASE_URL: openai.baseUrl,
    },
  });
  customer = await makeCustomer(hub, 100_000_000_000n);
});
afterAll(async () => {
  await hub.stop();
  await Promise.all([groq.close(), openai.close()]);
});
beforeEach(() => {
  for (const upstream of [groq, openai]) {
    upstream.answer = answerJson(chatAnswer());
    upstream.asked.length = 0;
  }
});

async function send(model: string, session: string): Promise<Response> {
  const headers = { 'x-inferencehub-session': session };
  const response = await call(hub, customer.liveKey, ask(model), { headers });
  await response.clone().arrayBuffer();
  return response;
}

const keyOf = ({ headers }: Pick<Asked, 'headers'>): string =>
  String(headers.authorization).replace('Bearer key-', '');

describe('accounts', () => {
  it('keep their conversations, and share them', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      for (let turn = 0; turn < 2; turn++) {
        expect((await send(PLAIN, `conversation ${i}`)).status).toBe(200);
      }
      const [first, second] = openai.asked.splice(0).map(keyOf);
      expect(second).toBe(first);
      seen.add(first ?? '');
    }
    expect(seen).toEqual(new Set(['first', 'second']));
  });

  it.each([
    [401, 'openai/gpt-4.1'],
    [403, 'openai/gpt-4.1-mini'],
    [429, 'openai/gpt-4o-mini'],
  ])(
    'one that answers %i is followed by the other at once, and left alone for a while',
    async (status, model) => {
      let refused: string | undefined;
      openai.answer = (response, asked) => {
        refused ??= keyOf(asked);
        const isRefused = keyOf(asked) === refused;
        const answer = isRefused ? answerJson(NO, status) : answerJson(chatAnswer());
        return answer(response, asked);
      };
      const response = await send(model, `refused ${status}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('x-inferencehub-attempts')).toBe(`openai ${status}, openai`);
      expect(JSON.stringify([...response.headers])).not.toContain(refused);
      expect(openai.asked.map(keyOf)).toHaveLength(2);
      openai.asked.length = 0;
      await send(model, `refused ${status}`);
      expect(openai.asked.map(keyOf)).not.toContain(refused);
    },
  );

  it('are passed over once they are at their limits; then the caller is told when to come back', async () => {
    for (let i = 0; i < 5; i++) expect((await send(LIMITED, `limited ${i}`)).status).toBe(200);
    const sent = groq.asked.map(keyOf);
    expect(sent.filter((key) => key === 'small')).toHaveLength(2);
    expect(sent.filter((key) => key === 'narrow')).toHaveLength(3);
    const told = await send(LIMITED, 'limited 6');
    expect(told.status).toBe(429);
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(groq.asked).toHaveLength(5);
  });
});
