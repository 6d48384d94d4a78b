// Client and provider speak the same protocol: what one sends the other gets, byte for byte, but
// for the edits that are declared (docs/request-path.md) and the usage that the hub ordered.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bootstrapped, type Hub, runCli, startHub } from '../support/hub.ts';
import {
  type RawProvider,
  cutAtRandom,
  cutBytes,
  startRawProvider,
  uncut,
} from './raw-provider.ts';

let hub: Hub;
let openai: RawProvider;
let anthropic: RawProvider;
let customer: Bootstrapped;

beforeAll(async () => {
  [openai, anthropic] = await Promise.all([startRawProvider(), startRawProvider()]);
  hub = await startHub({
    env: {
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: openai.baseUrl,
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: anthropic.baseUrl,
    },
  });
  customer = await hub.bootstrap('100');
});

afterAll(async () => {
  await Promise.all([hub.stop(), openai.close(), anthropic.close()]);
});

const CHAT_HEAD =
  ': a comment before anything\r\n\r\n' +
  'data:{"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\r\n\r\n' +
  'event: odd\ndata: {"id":"c1", "choices":[{"index":0,"delta":{"content":"Grüße 🌧"}}]}\n\n' +
  ': keep-alive\n\n' +
  'id: 7\nretry: 10\ndata: {"id":"c1",\n' +
  'data:  "choices":[{"index":0,"delta":{"content":"!"}}]}\n\n' +
  'data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x":1.50}\n\n';
const CHAT_USAGE =
  'id: 8\r\ndata: {"id":"c1","choices":[ ],"usage":' +
  '{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}\r\n\r\n';
const CHAT_END = 'data: [DONE]\r\n\r\n';

const MESSAGES_STREAM = [
  ': welcome\r\n\r\n',
  'event: message_start\r\ndata: {"type":"message_start","message":{"id":"m","usage":',
  '{"input_tokens":9,"output_tokens":1}}}\r\n\r\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":',
  '{"type":"text","text":""}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":',
  '{"type":"text_delta","text":"Grüße 🌧"}}\n\n',
  ': keep-alive\n\nevent: an_event_of_tomorrow\ndata: {"type":"an_event_of_tomorrow"}\n\n',
  'data: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},',
  '"usage":{"output_tokens":3}}\n\n',
  'event: message_stop\r\ndata: {"type":"message_stop"}\r\n\r\n',
].join('');

const CUTS = [
  { cut: 'in one piece', pieces: uncut },
  { cut: 'byte by byte', pieces: cutBytes },
  ...[1, 2, 3].map((seed) => ({
    cut: `at random places (seed ${seed})`,
    pieces: (bytes: Buffer) => cutAtRandom(bytes, seed, 40),
  })),
];

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: string;
}

async function send(path: string, body: string, key = customer.liveKey): Promise<Sent> {
  const response = await fetch(`${hub.baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  const bytes = Buffer.from(await response.arrayBuffer()).toString('latin1');
  return { status: response.status, headers: response.headers, bytes };
}

function answer(provider: RawProvider, contentType: string, pieces: readonly Buffer[]): void {
  provider.reply = { status: 200, headers: { 'content-type': contentType }, pieces };
}

/** Bytes as text that keeps each of them, so that a difference is readable. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe.each(CUTS)('a stream that comes $cut', ({ pieces }) => {
  const EVENTS = 'text/event-stream';

  it('reaches a Chat client that ordered the usage as it was sent', async () => {
    const stream = CHAT_HEAD + CHAT_USAGE + CHAT_END;
    answer(openai, EVENTS, pieces(Buffer.from(stream)));
    const options = '"stream":true,"stream_options":{"include_usage":true}';
    const body = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],${options}}`;
    const sent = await send('/v1/chat/completions', body);
    expect(sent.bytes).toBe(latin1(stream));
    expect(sent.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(openai.asked.at(-1)?.body.toString()).toBe(body);
  });

  it('reaches a Chat client that did not order the usage without it', async () => {
    answer(openai, EVENTS, pieces(Buffer.from(CHAT_HEAD + CHAT_USAGE + CHAT_END)));
    const body = '{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true}';
    const sent = await send('/v1/chat/completions', body);
    expect(sent.bytes).toBe(latin1(CHAT_HEAD + CHAT_END));
    expect(openai.asked.at(-1)?.body.toString()).toBe(
      body.replace('{', '{"stream_options":{"include_usage":true},'),
    );
  });

  it('reaches a Messages client as it was sent', async () => {
    answer(anthropic, EVENTS, pieces(Buffer.from(MESSAGES_STREAM)));
    const body =
      '{"stream":true,"max_tokens":50,"model":"claude-sonnet-4-6",' +
      '"messages":[{"role":"user","content":"hi"}]}';
    const sent = await send('/v1/messages', body);
    expect(sent.bytes).toBe(latin1(MESSAGES_STREAM));
    expect(anthropic.asked.at(-1)?.body.toString()).toBe(body);
  });
});

describe('a whole exchange', () => {
  const JSON_TYPE = 'application/json';
  const CHAT_REPLY =
    ' {"id":"c1", "choices":[{"index":0,"message":{"content":"Gr\\u00fc\\u00dfe \u{1F327}"},' +
    '"finish_reason":"stop"}],\n ' +
    '"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12},' +
    ' "an_unknown_number": 12345678901234567890.10 }\n';
  /** Spaces, escapes, numbers beyond a double and unknown fields: all of it must survive. */
  const CHAT_BODY =
    '{ "messages" : [ {"role":"user",' +
    '"content":"Gr\\u00fc\\u00dfe \u{1F327} \\/ \\"model\\": 1"} ],\n' +
    ' "temperature": 0.70000, "seed": 12345678901234567890, "b": {"model":"x","a":[1 , 2]},\n' +
    ' "model"  :  "openai/gpt-4o", "max_completion_tokens":   50 }  ';

  it('differs by the name of the model alone', async () => {
    answer(openai, JSON_TYPE, cutBytes(Buffer.from(CHAT_REPLY)));
    const sent = await send('/v1/chat/completions', CHAT_BODY);
    expect(sent.bytes).toBe(latin1(CHAT_REPLY));
    const body = openai.asked.at(-1)?.body.toString();
    expect(body).toBe(CHAT_BODY.replace('"openai/gpt-4o"', '"gpt-4o"'));
  });

  it('differs by the lowered cap as well, where the balance does not reach further', async () => {
    const args = ['--email', 'thrifty@example.com', '--grant', '0.02', '--force', '--json'];
    const { stdout } = await runCli(['bootstrap', ...args], { DATA_DIR: hub.dataDir });
    const { liveKey } = JSON.parse(stdout) as Bootstrapped;
    answer(openai, JSON_TYPE, uncut(Buffer.from(CHAT_REPLY)));
    const body = CHAT_BODY.replace('50', '16000');
    const sent = await send('/v1/chat/completions', body, liveKey);
    const cap = sent.headers.get('x-inferencehub-output-cap');
    expect(Number(cap)).toBeGreaterThan(16);
    expect(Number(cap)).toBeLessThan(16_000);
    expect(openai.asked.at(-1)?.body.toString()).toBe(
      body.replace('"openai/gpt-4o"', '"gpt-4o"').replace('16000', cap ?? ''),
    );
  });

  it.each([
    { path: '/v1/chat/completions', provider: () => openai, model: 'gpt-4o' },
    { path: '/v1/messages', provider: () => anthropic, model: 'claude-sonnet-4-6' },
  ])("gets the provider's own words about the caller's fault ($path)", async (target) => {
    const words =
      '{ "error": {"message":"messages.0: Gr\\u00fc\\u00dfe", "param" : null,\n"x":1.0} }';
    const headers = { 'content-type': JSON_TYPE, 'x-of-the-provider': '1' };
    target.provider().reply = { status: 422, headers, pieces: [Buffer.from(words)] };
    const messages = '"messages":[{"role":"user","content":"hi"}]';
    const body = `{"model":"${target.model}","max_tokens":50,${messages}}`;
    const sent = await send(target.path, body);
    expect(sent).toMatchObject({ status: 422, bytes: latin1(words) });
    expect(sent.headers.get('x-of-the-provider')).toBe(null);
    expect(target.provider().asked.at(-1)?.body.toString()).toBe(body);
  });
});
