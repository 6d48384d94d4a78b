import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import { readSse } from '../../src/base/sse.ts';
import { createMeter } from '../../src/gateway/meter.ts';
import { passStream } from '../../src/gateway/pass-stream.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import type { ChatProtocol } from '../../src/protocols/protocol.ts';
import { priceOf } from '../catalog/pricing.ts';

const QUIRKS = { outputCapField: 'max_tokens', streamUsageOption: true } as const;
const PRICE = priceOf({ model: 'p/m', rates: { input: '1', output: '2' } });
const QUOTE = { modelId: 'p/m', price: PRICE, markupBps: 0, atMs: 0 };

const openai = PROTOCOLS['openai-chat'];
const anthropic = PROTOCOLS['anthropic-messages'];

type Piece =
  | { readonly kind: 'text' | 'thinking' | 'tool'; readonly text: string; readonly pad?: string }
  | { readonly kind: 'comment' };

/** Plain pieces mostly, and now and then one that needs an escape, or is none at all. */
const pieces = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: piece(fc.string({ unit: 'binary-ascii', maxLength: 12 })) },
    { weight: 6, arbitrary: piece(fc.constantFrom('a', ' the', 'x y', 'role', 'content', '.')) },
    { weight: 3, arbitrary: piece(fc.string({ unit: 'binary', maxLength: 8 })) },
    { weight: 1, arbitrary: fc.constant<Piece>({ kind: 'comment' }) },
  ),
  { maxLength: 40 },
);

function piece(texts: fc.Arbitrary<string>): fc.Arbitrary<Piece> {
  return fc.record(
    {
      kind: fc.constantFrom('text' as const, 'text' as const, 'thinking' as const, 'tool' as const),
      text: texts,
      pad: fc.stringMatching(/^[a-zA-Z0-9]{0,8}$/),
    },
    { requiredKeys: ['kind', 'text'] },
  );
}

function openaiEvent(each: Piece): string {
  if (each.kind === 'comment') return ': still here\n\n';
  const delta = {
    text: { content: each.text },
    thinking: { reasoning_content: each.text },
    tool: { tool_calls: [{ index: 0, function: { arguments: each.text } }] },
  }[each.kind];
  const choices = [{ index: 0, delta, finish_reason: null }];
  const padding = each.pad === undefined ? {} : { obfuscation: each.pad };
  return `data: ${JSON.stringify({ id: 'c', model: 'm', choices, usage: null, ...padding })}\n\n`;
}

function anthropicEvent(each: Piece): string {
  if (each.kind === 'comment') return 'event: ping\ndata: {"type":"ping"}\n\n';
  const [index, delta] = {
    text: [0, { type: 'text_delta', text: each.text }] as const,
    thinking: [1, { type: 'thinking_delta', thinking: each.text }] as const,
    tool: [2, { type: 'input_json_delta', partial_json: each.text }] as const,
  }[each.kind];
  const data = { type: 'content_block_delta', index, delta };
  return `event: content_block_delta\ndata: ${JSON.stringify(data)}\n\n`;
}

const BLOCKS = [
  { type: 'text', text: '' },
  { type: 'thinking', thinking: '' },
  { type: 'tool_use', id: 't', name: 'n', input: {} },
];

const STREAMS: readonly (readonly [ChatProtocol, string, (each: Piece) => string, string])[] = [
  [
    openai,
    'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n',
    openaiEvent,
    'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
  ],
  [
    anthropic,
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}\n\n' +
      BLOCKS.map(
        (content_block, index) =>
          `event: content_block_start\ndata: ${JSON.stringify({ type: 'content_block_start', index, content_block })}\n\n`,
      ).join(''),
    anthropicEvent,
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ],
];

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    // A copy of its own: the reader of a socket may use its buffer again.
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** What the answer used, as reading every event in full says. */
function meterInFull(protocol: ChatProtocol, bytes: Buffer) {
  const meter = createMeter(QUOTE, () => undefined, 0);
  const decoder = protocol.decodeEvents(QUIRKS);
  for (const event of readSse().push(bytes)) {
    for (const each of decoder.push(event)) meter.add(each);
  }
  return meter.cut(100);
}

function open(protocol: ChatProtocol) {
  const meter = createMeter(QUOTE, () => undefined, 0);
  const context = { requestId: 'r', model: 'm', createdSeconds: 0, includeUsage: true };
  const way = passStream({
    upstream: protocol,
    decoder: protocol.decodeEvents(QUIRKS),
    context,
    meter,
  });
  return { meter, way };
}

function pass(protocol: ChatProtocol, chunks: Iterable<Buffer>) {
  const { meter, way } = open(protocol);
  const out: Buffer[] = [];
  let last: Buffer | undefined;
  for (const chunk of chunks) {
    const { now, done } = way.push(chunk);
    out.push(Buffer.from(now));
    if (done) last = Buffer.from(done.last);
    if (done) break;
  }
  return { out: Buffer.concat(out), last, metered: meter.cut(100) };
}

describe('a stream that passes through', () => {
  it.each(STREAMS)('of %o keeps its bytes and counts its text', (protocol, head, event, tail) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 9 });
    const ends = fc.constantFrom('\n', '\n', '\n', '\r\n');
    fc.assert(
      fc.property(pieces, sizes, ends, fc.boolean(), (list, chunkSizes, end, isWhole) => {
        const text = head + list.map(event).join('') + (isWhole ? tail : '');
        const bytes = Buffer.from(text.replaceAll('\n', end));
        const { out, last, metered } = pass(protocol, cut(bytes, chunkSizes));
        if (isWhole) expect(last?.length).toBeGreaterThan(0);
        const all = Buffer.concat([out, last ?? Buffer.alloc(0)]);
        expect(all.equals(bytes.subarray(0, all.length))).toBe(true);
        if (!isWhole || end === '\n') expect(all.length).toBe(bytes.length);
        expect(metered).toEqual(meterInFull(protocol, bytes));
      }),
      { numRuns: 1_500 },
    );
  });

  it('holds back the end, in whatever pieces it comes', () => {
    const [protocol, head, event, tail] = STREAMS[0] ?? [];
    if (!protocol || !event) throw new Error('no stream');
    const bytes = Buffer.from(head + event({ kind: 'text', text: 'a' }) + tail);
    for (let size = 1; size <= bytes.length; size++) {
      const { out, last } = pass(protocol, cut(bytes, [size]));
      expect(out.toString()).not.toContain('[DONE]');
      expect(last?.toString()).toContain('data: [DONE]');
    }
  });

  it('without an end mark holds back what may be its end, until something follows it', () => {
    const chunk = (text: string, finishReason?: string): string => {
      const candidates = [{ content: { parts: [{ text }] }, finishReason }];
      return `data: ${JSON.stringify({ candidates })}\n\n`;
    };
    const events = [chunk('a'), chunk('b', 'STOP'), chunk('c'), chunk('d', 'STOP')];
    for (const end of ['\n', '\r\n']) {
      const bytes = Buffer.from(events.join('').replaceAll('\n', end));
      const held = Buffer.from(events[3]?.replaceAll('\n', end) ?? '').length;
      for (let size = 1; size <= bytes.length; size++) {
        const { way } = open(PROTOCOLS.gemini);
        const now = [...cut(bytes, [size])].map((bit) => Buffer.from(way.push(bit).now));
        const { now: rest, done } = way.end();
        const told = Buffer.concat([...now, Buffer.from(rest)]).toString();
        const last = done?.last.toString() ?? '';
        expect(told + last).toBe(bytes.toString());
        expect(Buffer.byteLength(last)).toBeGreaterThanOrEqual(held);
      }
      const { way } = open(PROTOCOLS.gemini);
      way.push(bytes);
      const failed = way.fail(new HubError('upstream_broke_off'))?.toString() ?? '';
      expect(failed.startsWith(bytes.subarray(bytes.length - held).toString())).toBe(true);
      expect(failed).toContain('"error"');
    }
  });

  it('takes nothing for text that is none', () => {
    const chunk = (delta: string): string =>
      `data: {"choices":[{"index":0,"delta":{${delta}}}]}\n\n`;
    const plain = ['"content":"aa"', '"content":"bb"', '"content":"cc"'].map(chunk).join('');
    const odd = [
      chunk('"content":"a","refusal":"no"'),
      chunk('"content":"a\\"b"'),
      'data: {"choices":[{"index":0,"delta":{"content":"a\n\n',
      chunk('"content":"a\n\ndata: b"'),
      'data: {"error":{"message":"content","code":500}}\n\n',
    ];
    for (const [i, event] of odd.entries()) {
      const bytes = Buffer.from(plain + event);
      const { metered, last } = pass(openai, [bytes]);
      expect(metered).toEqual(meterInFull(openai, bytes));
      expect(last !== undefined).toBe(i === 4);
    }
  });
});
