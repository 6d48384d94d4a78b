// What a provider refuses and the answer can do without is given up once, before the first byte: the
// summary of a thinking that it shows to nobody it does not know, and thoughts of earlier answers that
// another account signed. One answer, one charge, and the names of what was left out.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TURNS } from '../clients/cases.ts';
import { linesOf } from '../clients/oracle.ts';
import { speakResponses } from '../clients/responses-turns.ts';
import { speakGemini, speakMessages } from '../clients/turns.ts';
import { type World, expectCharge, openWorld } from '../clients/world.ts';
import { type Answer, type Upstream, answerJson } from '../support/upstream.ts';

const GPT = 'openai/gpt-5.6-sol';
const CLAUDE = 'anthropic/claude-sonnet-4-6';
const BUDGETED = 'anthropic/claude-sonnet-4-5';
const GEMINI = 'gemini/gemini-3.8-flash';

const SPOKEN = { text: 'Hi there.', spent: { uncached: 211, text: 23, reasoning: 41 } };

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Refuses the first try with 400, or every one; returns the bodies that came. */
function refusing(upstream: Upstream, words: object, then?: Answer): () => object[] {
  const before = upstream.asked.length;
  const tries = (): object[] => upstream.asked.slice(before).map(({ body }) => body);
  upstream.answer = (response, asked) =>
    (then !== undefined && tries().length > 1 ? then : answerJson(words, 400))(response, asked);
  return tries;
}

const post = (path: string, body: object): Promise<Response> =>
  world.fetch(`${world.hub.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.rich.liveKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });

const UNVERIFIED = {
  error: {
    message: 'Your organization must be verified to generate reasoning summaries.',
    type: 'invalid_request_error',
    param: 'reasoning.summary',
    code: 'unsupported_value',
  },
};

describe('a summary of its thinking that OpenAI shows to known organisations alone', () => {
  const ASKS: [string, string, object][] = [
    ['Chat', '/v1/chat/completions', { reasoning_effort: 'high' }],
    ['Messages', '/v1/messages', { max_tokens: 9000, thinking: { type: 'adaptive' } }],
    ['Responses', '/v1/responses', { reasoning: { effort: 'high', summary: 'auto' } }],
  ];

  it.each(ASKS)('is given up at once, and named: %s', async (protocol, path, more) => {
    const model = protocol === 'Chat' ? 'openai/gpt-5.3-codex' : GPT;
    const tries = refusing(world.openai, UNVERIFIED, speakResponses(SPOKEN));
    const said = [{ role: 'user', content: 'hi' }];
    const body = protocol === 'Responses' ? { input: 'hi' } : { messages: said };
    const response = await post(path, { model, ...body, ...more });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inferencehub-dropped')).toBe('reasoning.summary');
    expect(response.headers.get('x-inferencehub-attempts')).toBe('openai 400, openai');
    expect(tries()).toHaveLength(2);
    expect(tries()[0]).toHaveProperty('reasoning.summary', 'auto');
    expect(tries()[1]).not.toHaveProperty('reasoning.summary');
    const receipt = await world.lastReceipt();
    expect(receipt).toMatchObject({ attempts: 2, outcome: 'completed' });
    expectCharge(receipt, model, linesOf(SPOKEN.spent));
  });

  it('is given up once: the second refusal is the answer', async () => {
    const tries = refusing(world.openai, UNVERIFIED);
    const body = { model: GPT, input: 'hi', reasoning: { summary: 'auto' } };
    const response = await post('/v1/responses', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(UNVERIFIED);
    expect(tries()).toHaveLength(2);
    expect(await world.lastReceipt()).toMatchObject({ attempts: 2, chargeNanos: '0' });
  });
});

describe('a try that breaks off after a refusal', () => {
  it('is told as what it is, not in the words of the refusal', async () => {
    const tries = refusing(world.openai, UNVERIFIED, (response) => void response.destroy());
    const body = { model: GPT, input: 'hi', reasoning: { summary: 'auto' } };
    const response = await post('/v1/responses', body);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain('verified');
    expect(tries()).toHaveLength(2);
  });
});

const claudeSays = (message: string): object => ({
  type: 'error',
  error: { type: 'invalid_request_error', message },
  request_id: 'r',
});
const CALL = { type: 'tool_use', id: 'a', name: 'f', input: {} };
const RESULT = { type: 'tool_result', tool_use_id: 'a', content: 'x' };
const STALE = { type: 'thinking', thinking: 'hm', signature: 'c3RhbGU=' };
const HIDDEN = { type: 'redacted_thinking', data: 'aGlkZGVu' };
const TOOL = { name: 'f', input_schema: { type: 'object' } };

describe('thoughts that Claude did not sign for this account', () => {
  const REFUSALS = [
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'messages.1.content.1: Invalid `data` in `redacted_thinking` block',
    'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant ' +
      'message cannot be modified. These blocks must remain as they were in the response.',
  ];
  const ask = (model: string, thinking: object): object => ({
    model,
    max_tokens: 9000,
    thinking,
    tools: [TOOL],
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [STALE, HIDDEN, CALL] },
      { role: 'user', content: [RESULT] },
    ],
  });

  it.each(REFUSALS)('leave the history, and nothing else does: %s', async (words) => {
    const spoken = TURNS.messages.text;
    const tries = refusing(world.anthropic, claudeSays(words), speakMessages(spoken));
    const asked = ask(CLAUDE, { type: 'adaptive' });
    const response = await post('/v1/messages', asked);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inferencehub-dropped')).toBe('messages.thinking');
    expect(response.headers.get('x-inferencehub-attempts')).toBe('anthropic 400, anthropic');
    expect(tries()).toEqual([
      { ...asked, model: 'claude-sonnet-4-6' },
      {
        ...asked,
        model: 'claude-sonnet-4-6',
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: [CALL] },
          { role: 'user', content: [RESULT] },
        ],
      },
    ]);
    expectCharge(await world.lastReceipt(), CLAUDE, linesOf(spoken.spent));
  });

  it('end the thinking of a model with a budget, which would miss them', async () => {
    const tries = refusing(
      world.anthropic,
      claudeSays(REFUSALS[0]!),
      speakMessages(TURNS.messages.text),
    );
    const thinking = { type: 'enabled', budget_tokens: 2000 };
    const response = await post('/v1/messages', ask(BUDGETED, thinking));
    expect(response.headers.get('x-inferencehub-dropped')).toBe('messages.thinking,thinking');
    expect(tries()[1]).not.toHaveProperty('thinking');
  });

  it('leave the history of a client of another protocol as well', async () => {
    const tries = refusing(
      world.anthropic,
      claudeSays(REFUSALS[0]!),
      speakMessages(TURNS.messages.text),
    );
    const sealed = `hub:anthropic-messages:${Buffer.from(`s:${STALE.signature}`).toString('base64url')}`;
    const response = await post('/v1/responses', {
      model: CLAUDE,
      input: [
        { role: 'user', content: 'hi' },
        { type: 'reasoning', id: 'rs', summary: [], encrypted_content: sealed },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] },
        { role: 'user', content: 'b' },
      ],
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inferencehub-dropped')).toBe('messages.reasoning');
    expect(JSON.stringify(tries()[0])).toContain(STALE.signature);
    expect(JSON.stringify(tries()[1])).not.toContain(STALE.signature);
    expect(JSON.stringify(tries()[1])).toContain('"x"');
  });
});

describe('signatures that Gemini does not know, or misses', () => {
  const call = (more: object): object => ({ functionCall: { name: 'f', args: {} }, ...more });
  const WORDS = [
    'Thought signature is not valid.',
    'Function call is missing a thought_signature in functionCall parts.',
  ];

  it.each(WORDS)('are replaced by the one that Google documents: %s', async (message) => {
    const words = { error: { code: 400, message, status: 'INVALID_ARGUMENT' } };
    const tries = refusing(world.gemini, words, speakGemini(TURNS.gemini.text));
    const response = await post(`/v1beta/models/${GEMINI}:generateContent`, {
      contents: [
        { role: 'user', parts: [{ text: 'hi' }] },
        { role: 'model', parts: [{ text: 't', thoughtSignature: 'c3RhbGU=' }, call({})] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] },
      ],
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inferencehub-dropped')).toBe('contents.parts.thoughtSignature');
    const [, second] = tries() as { contents: { parts: object[] }[] }[];
    expect(second?.contents[1]?.parts).toEqual([
      { text: 't' },
      call({ thoughtSignature: 'skip_thought_signature_validator' }),
    ]);
  });
});

describe('reasoning that OpenAI encrypted for another organisation', () => {
  it('leaves the history together with the ids that point to it', async () => {
    const error = { message: 'x', type: 'x', param: null, code: 'invalid_encrypted_content' };
    const tries = refusing(world.openai, { error }, speakResponses(SPOKEN));
    const item = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' };
    const output = { type: 'function_call_output', call_id: 'a', output: 'x' };
    const response = await post('/v1/responses', {
      model: GPT,
      input: [
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'c3RhbGU=' },
        { ...item, id: 'fc_1' },
        output,
      ],
    });
    expect(response.headers.get('x-inferencehub-dropped')).toBe('input.reasoning');
    expect(tries()[1]).toMatchObject({ input: [item, output] });
    expect(JSON.stringify(tries()[1])).not.toContain('fc_1');
  });
});
