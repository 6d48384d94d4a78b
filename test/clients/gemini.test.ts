// Google's own SDK against a running hub: a provider that speaks its protocol, one that speaks
// OpenAI's and one that speaks Anthropic's. After each answer the receipt must say what the provider
// said.

import { ApiError, type Content, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upstream, answerJson } from '../support/upstream.ts';
import { refuseWith, TURNS, type Turns } from './cases.ts';
import { linesOf } from './oracle.ts';
import { speakResponses } from './responses-turns.ts';
import { type Speaker, type Spent, speakGemini, speakMessages } from './turns.ts';
import { PROVIDER_KEYS, type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

let world: World;
let client: GoogleGenAI;

beforeAll(async () => {
  world = await openWorld();
  client = connect(world.rich.liveKey);
});

afterAll(() => world.close());

function connect(apiKey: string, apiVersion?: string): GoogleGenAI {
  return new GoogleGenAI({
    apiKey,
    ...(apiVersion !== undefined && { apiVersion }),
    httpOptions: {
      baseUrl: world.hub.baseUrl,
      fetch: world.fetch,
      headers: { cookie: 'session=abc', 'x-forwarded-for': '203.0.113.7' },
    },
  });
}

const FLASH = 'gemini/gemini-3.8-flash';

interface Target {
  readonly name: string;
  readonly model: string;
  readonly provider: () => Upstream;
  readonly speak: Speaker;
  readonly turns: Turns;
}

const TARGETS: readonly Target[] = [
  {
    name: 'a provider that speaks Gemini',
    model: FLASH,
    provider: () => world.gemini,
    speak: speakGemini,
    turns: TURNS.gemini,
  },
  {
    name: 'a provider that speaks OpenAI',
    model: 'openai/gpt-5.6-sol',
    provider: () => world.openai,
    speak: speakResponses,
    turns: TURNS.chat,
  },
  {
    name: 'a provider that speaks Anthropic',
    model: 'anthropic/claude-sonnet-4-6',
    provider: () => world.anthropic,
    speak: speakMessages,
    turns: TURNS.messages,
  },
];

const QUESTION = 'Wie ist das Wetter? 🌦';
const CONFIG = { systemInstruction: 'Be brief.' };
describe.each(TARGETS)("Google's SDK and $name", ({ model, provider, speak, turns }) => {
  const isSame = speak === speakGemini;
  const usage = (spent: Spent) => {
    const { uncached, cacheRead = 0, written = 0, written5m = 0, written1h = 0 } = spent;
    const prompt = uncached + cacheRead + written + written5m + written1h;
    const { text, reasoning = 0 } = spent;
    return {
      promptTokenCount: prompt,
      candidatesTokenCount: text,
      totalTokenCount: prompt + text + reasoning,
      ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
      ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    };
  };
  const ask = { model, contents: QUESTION, config: CONFIG };

  it('reads a whole answer', async () => {
    provider().answer = speak(turns.text);
    const response = await client.models.generateContent(ask);
    expect(response.text).toBe(turns.text.text);
    expect(response.candidates?.[0]?.finishReason).toBe('STOP');
    expect(response.usageMetadata).toMatchObject(usage(turns.text.spent));
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it('holds a conversation that remembers what was said', async () => {
    provider().answer = speak(turns.text);
    const chat = client.chats.create({ model, config: CONFIG });
    for await (const _ of await chat.sendMessageStream({ message: QUESTION }));
    await chat.sendMessage({ message: 'Und morgen?' });
    const { contents, messages, input } = provider().asked.at(-1)?.body ?? {};
    // The SDK keeps each chunk as a content of its own; to Google they go as they came.
    const texts = ((contents as Content[]) ?? [])
      .flatMap(({ role, parts = [] }) => (role === 'model' ? parts : []))
      .map(({ text = '', thought }) => (thought ? '' : text));
    const said = isSame ? texts.join('') : JSON.stringify(messages ?? input);
    expect(said).toContain(turns.text.text);
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it('sends images by their addresses', async () => {
    provider().answer = speak(turns.text);
    const url = 'https://images.example/cat.jpg';
    const parts = [{ fileData: { mimeType: 'image/jpeg', fileUri: url } }];
    await client.models.generateContent({ model, contents: [{ role: 'user', parts }] });
    const { contents, messages, input } = provider().asked.at(-1)?.body ?? {};
    const expected = {
      [FLASH]: parts,
      'openai/gpt-5.6-sol': [{ type: 'input_image', image_url: url }],
      'anthropic/claude-sonnet-4-6': [{ type: 'image', source: { type: 'url', url } }],
    }[model];
    const [turn] = (contents ?? messages ?? input) as { parts?: unknown; content?: unknown }[];
    expect(turn?.parts ?? turn?.content).toEqual(expected);
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it.each([{ says: 500, status: 502, word: 'INTERNAL', code: 'upstream_failed' }])(
    'tells of a provider that says $says',
    async ({ says, status, word, code }) => {
      provider().answer = refuseWith(says);
      const refusal = await caught(client.models.generateContent(ask));
      expect(refusal.status).toBe(status);
      expect(JSON.parse(refusal.message)).toMatchObject({ error: { code: status, status: word } });
      expect(refusal.message).not.toContain('overheard');
      expect(refusal.message).toContain('"retryDelay":"7s"');
      expectNoCharge(await world.lastReceipt(), code);
    },
  );

  it("tells of the caller's own fault as its protocol does", async () => {
    const body = { error: { code: 400, message: 'overheard', status: 'INVALID_ARGUMENT' } };
    provider().answer = answerJson(body, 400);
    const refusal = await caught(client.models.generateContent(ask));
    expect(refusal.status).toBe(400);
    if (isSame) expect(JSON.parse(refusal.message)).toEqual(body);
    else expect(refusal.message).not.toContain('overheard');
    expectNoCharge(await world.lastReceipt(), 'upstream_rejected');
  });

  it('counts tokens: by the provider where it speaks Gemini, else by an estimate', async () => {
    provider().answer = answerJson({ totalTokens: 31 });
    const before = provider().asked.length;
    const { totalTokens } = await client.models.countTokens({ model, contents: QUESTION });
    const estimate = Math.ceil(world.last().bytes / 4);
    expect(totalTokens).toBe(isSame ? 31 : estimate);
    expect(provider().asked).toHaveLength(isSame ? before + 1 : before);
    expect(await world.lastReceipt()).toMatchObject({ chargeNanos: '0', outcome: 'completed' });
  });
});

describe("Google's SDK and a provider that speaks Gemini", () => {
  it("gets the provider's bytes and sends its own, by the hub's own credential", async () => {
    world.gemini.answer = speakGemini(TURNS.gemini.text);
    const config = { ...CONFIG, thinkingConfig: { includeThoughts: true } };
    const ask = { model: FLASH, contents: QUESTION, config };
    const response = await client.models.generateContent(ask);
    const { path, headers, body } = world.gemini.asked.at(-1)!;
    expect(path).toBe('/v1/models/gemini-3.8-flash:generateContent');
    expect(headers['x-goog-api-key']).toBe(PROVIDER_KEYS.gemini);
    expect(body).toMatchObject({
      contents: [{ role: 'user', parts: [{ text: QUESTION }] }],
      generationConfig: { thinkingConfig: { includeThoughts: true } },
    });
    expect(response.modelVersion).toBe('gemini-3.8-flash');
    const { thinking } = TURNS.gemini.text;
    const parts = response.candidates?.[0]?.content?.parts ?? [];
    expect(parts.map(({ thought, text }) => (thought ? text : '')).join('')).toBe(thinking?.text);
    expect(parts.find((part) => part.thoughtSignature)?.thoughtSignature).toBe(thinking?.signature);
    expectCharge(await world.lastReceipt(), FLASH, linesOf(TURNS.gemini.text.spent));
  });

  it('speaks below /v1beta as below /v1', async () => {
    world.gemini.answer = speakGemini(TURNS.gemini.text);
    const beta = connect(world.rich.liveKey, 'v1beta');
    const ask = { model: 'models/gemini-3.8-flash', contents: QUESTION };
    expect((await beta.models.generateContent(ask)).text).toBe(TURNS.gemini.text.text);
    expectCharge(await world.lastReceipt(), FLASH, linesOf(TURNS.gemini.text.spent));
  });

  it('embeds one text and many, at the estimate of what it sent', async () => {
    const model = 'gemini/gemini-embedding-001';
    const embeddings = [{ values: [0.25, 0.5] }, { values: [1, 0] }];
    world.gemini.answer = answerJson({ embeddings });
    const response = await client.models.embedContent({ model, contents: ['a', 'b'] });
    expect(response.embeddings).toEqual(embeddings);
    const { path, body } = world.gemini.asked.at(-1)!;
    expect(path).toBe('/v1/models/gemini-embedding-001:batchEmbedContents');
    expect(body['requests']).toMatchObject([
      { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'a' }] } },
      { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'b' }] } },
    ]);
    const receipt = await world.lastReceipt();
    expect(receipt.usageSource).toBe('estimated');
    expectCharge(receipt, model, { inUncached: Math.ceil(world.last().bytes / 4) });
  });
});

describe("Google's SDK and the hub itself", () => {
  const contents = QUESTION;

  it('is told of an unknown key, an unknown model and an empty balance', async () => {
    const stranger = connect(`ih_live_${'0'.repeat(59)}`);
    const unknownKey = await caught(stranger.models.generateContent({ model: FLASH, contents }));
    expect([unknownKey.status, unknownKey.message]).toEqual([
      401,
      expect.stringContaining('UNAUTHENTICATED'),
    ]);
    const none = client.models.generateContent({ model: 'gemini/none', contents });
    expect((await caught(none)).status).toBe(404);
    expectNoCharge(await world.lastReceipt(), 'model_not_found');
    const poor = connect(world.poor.liveKey);
    const broke = await caught(poor.models.generateContent({ model: FLASH, contents }));
    expect(broke.status).toBe(402);
    expectNoCharge(await world.lastReceipt(), 'insufficient_balance');
  });

  it('is refused what has no price, by the name of the field', async () => {
    const config = { tools: [{ googleSearch: {} }] };
    const refusal = await caught(client.models.generateContent({ model: FLASH, contents, config }));
    expect(refusal.status).toBe(400);
    expect(refusal.message).toContain('tools[0].googleSearch');
    expectNoCharge(await world.lastReceipt(), 'unsupported_parameter');
  });

  it('gets a lowered cap where the balance is short', async () => {
    world.gemini.answer = speakGemini({ text: 'ja', spent: { uncached: 9, text: 1 } });
    const thrifty = connect(world.thrifty.liveKey);
    const config = { maxOutputTokens: 60_000, temperature: 0.5 };
    await thrifty.models.generateContent({ model: FLASH, contents, config });
    const sent = world.gemini.asked.at(-1)?.body['generationConfig'];
    expect(sent).toEqual({ temperature: 0.5, maxOutputTokens: expect.any(Number) });
    const { maxOutputTokens } = sent as { maxOutputTokens: number };
    expect(maxOutputTokens).toBeLessThan(60_000);
    expect(maxOutputTokens).toBeGreaterThan(10_000);
  });

  it('lists the models over several pages', async () => {
    const found: (string | undefined)[] = [];
    for await (const { name } of await client.models.list({ config: { pageSize: 7 } })) {
      found.push(name);
    }
    expect(found).toEqual(expect.arrayContaining(TARGETS.map(({ model }) => `models/${model}`)));
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBeGreaterThan(14);
    expect(await client.models.get({ model: FLASH })).toMatchObject({
      name: `models/${FLASH}`,
      displayName: 'Gemini 3.8 Flash',
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedActions: ['generateContent', 'streamGenerateContent', 'countTokens'],
    });
    const embedding = await client.models.get({ model: 'gemini/gemini-embedding-001' });
    expect(embedding.supportedActions).toEqual(['embedContent', 'batchEmbedContents']);
  });

  it('plays with the sandbox', async () => {
    const tester = connect(world.rich.testKey);
    const ask = { model: 'sandbox/echo', contents: 'Hello' };
    expect((await tester.models.generateContent(ask)).text).toBe('Hello');
    // docs/sandbox.md: 2 tokens of text and 4 for the message; 2 for the answer.
    expectCharge(await world.lastReceipt(), 'sandbox/echo', { inUncached: 6, outText: 2 });
  });
});

async function caught(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}
