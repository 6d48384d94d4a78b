// Properties over generated requests and answers: what the protocols can say survives the way
// through each of them, streamed or whole.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import type { ChatEvent, FinishReason } from '../../src/chat/events.ts';
import type { ChatMessage, ChatRequest, ToolDefinition } from '../../src/chat/request.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import type { Address, ChatProtocol } from '../../src/protocols/protocol.ts';
import { answerOf, CONTEXT, decode, encode, HINTS, QUIRKS } from './streams.ts';

const CHAT = [
  PROTOCOLS['openai-chat'],
  PROTOCOLS['openai-responses'],
  PROTOCOLS['anthropic-messages'],
  PROTOCOLS.gemini,
  PROTOCOLS['gemini-interactions'],
];
const ALL: [string, ChatProtocol][] = CHAT.map((protocol) => [protocol.id, protocol]);

/** Gemini's clients say these in the address. */
function addressOf({ model, stream }: ChatRequest): Address {
  return { model, stream, sse: true };
}

const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => text.trim() !== '');
const argumentsJson = fc
  .dictionary(fc.string({ maxLength: 5 }), fc.oneof(words, fc.integer(), fc.boolean()))
  // Such a key would set the prototype of the generator's own object.
  .filter((object) => !Object.hasOwn(object, '__proto__'))
  .map((object) => JSON.stringify(object));
const tokens = fc.integer({ min: 0, max: 1_000_000 });

describe.each(ALL)('an answer through %s', (id, protocol) => {
  const isOpenai = id.startsWith('openai-');
  const thought = fc.tuple(words, words).map(([text, signature]): ChatEvent[] => [
    { type: 'thinking', text },
    { type: 'thinking_signature', signature, maker: 'anthropic-messages' },
  ]);
  const plainText = fc
    .array(words, { minLength: 1, maxLength: 4 })
    .map((list): ChatEvent[] => list.map((text) => ({ type: 'text', text })));
  const finishes: FinishReason[] = ['stop', 'length'];

  const calls = fc.array(fc.tuple(words, argumentsJson, fc.nat()), { maxLength: 4 });

  /** Calls that are opened one after another and whose arguments come in turns, in pieces. */
  const callEvents = calls.map((list): ChatEvent[] => {
    const opened = list.map(
      ([name], call): ChatEvent => ({ type: 'tool_call', call, id: `call_${call}`, name }),
    );
    const heads = list.map(
      ([, json, at], call): ChatEvent => ({
        type: 'tool_arguments',
        call,
        json: json.slice(0, at % json.length),
      }),
    );
    const tails = list.map(
      ([, json, at], call): ChatEvent => ({
        type: 'tool_arguments',
        call,
        json: json.slice(at % json.length),
      }),
    );
    return [...opened, ...heads, ...tails.toReversed()];
  });

  const usage = fc.record({
    input: fc.record({
      inUncached: tokens,
      inCacheRead: tokens,
      // OpenAI has one class of writes, so the lifetime does not survive; Gemini has none.
      inCacheWrite5m: id === 'anthropic-messages' ? tokens : fc.constant(0),
      inCacheWrite1h: id === 'anthropic-messages' ? tokens : fc.constant(0),
      inCacheWriteOther: isOpenai ? tokens : fc.constant(0),
    }),
    output: fc.record({ outText: tokens, outReasoning: tokens }),
    final: fc.constant(true),
  });

  const answers = fc
    .tuple(
      fc.option(thought, { nil: [] }),
      fc.option(plainText, { nil: [] }),
      callEvents,
      fc.constantFrom(...finishes),
      usage,
    )
    .map(([thinking, text, called, reason, reported]): ChatEvent[] => [
      { type: 'start', id: 'x', model: 'm' },
      ...thinking,
      ...text,
      ...called,
      { type: 'usage', usage: reported },
      { type: 'finish', reason },
    ]);

  /** The answer with the signature's maker left out, which each protocol tells in its own way. */
  function essence(events: readonly ChatEvent[]): unknown {
    const { parts, finish, usage: reported } = answerOf(events);
    const shown = parts
      .filter(({ type }) => protocol.id !== 'openai-chat' || type !== 'thinking')
      .filter((part) => part.type !== 'text' || part.text !== '')
      .map((part) =>
        part.type === 'tool_call'
          ? { ...part, argumentsJson: JSON.parse(part.argumentsJson) }
          : part,
      );
    return { shown, finish, reported };
  }

  it('is the same after it was streamed', () => {
    fc.assert(
      fc.property(answers, (events) => {
        expect(essence(decode(protocol, encode(protocol, events)))).toEqual(essence(events));
      }),
    );
  });

  it('is the same after it was written whole', () => {
    fc.assert(
      fc.property(answers, (events) => {
        const reply = JSON.parse(JSON.stringify(protocol.encodeReply(events, CONTEXT)));
        expect(essence(protocol.decodeReply(reply, QUIRKS))).toEqual(essence(events));
      }),
    );
  });

  it('says the same in pieces and whole', () => {
    fc.assert(
      fc.property(answers, (events) => {
        const streamed = decode(protocol, encode(protocol, events));
        const whole = protocol.decodeReply(protocol.encodeReply(events, CONTEXT), QUIRKS);
        expect(essence(streamed)).toEqual(essence(whole));
      }),
    );
  });
});

const text = words.map((value) => ({ type: 'text' as const, text: value }));
const image = fc
  .constantFrom(
    { kind: 'base64' as const, mediaType: 'image/png', data: 'AAAA' },
    { kind: 'url' as const, url: 'https://example.com/a.png' },
  )
  .map((source) => ({ type: 'image' as const, source }));
const result = text.map((part) => [part]);

/** A turn: a question, an answer that may call tools, and then the results of the calls. */
const turn = fc
  .tuple(
    fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }),
    words,
    fc.array(fc.tuple(words, argumentsJson, result), { maxLength: 3 }),
  )
  .map(([question, answer, calls]): ChatMessage[] => {
    const called = calls.map(([name, json], i) => ({
      type: 'tool_call' as const,
      id: `call_${i}`,
      name,
      argumentsJson: JSON.stringify(JSON.parse(json)),
    }));
    const results = calls.map(([, , content], i) => ({
      callId: `call_${i}`,
      content,
      isError: false,
    }));
    return [
      { role: 'user', content: question },
      { role: 'assistant', content: [{ type: 'text', text: answer }, ...called] },
      ...(results.length > 0 ? [{ role: 'tool' as const, results }] : []),
    ];
  });

const tool = fc.tuple(words, words, fc.boolean()).map(
  ([name, description, strict]): ToolDefinition => ({
    type: 'function',
    name,
    description,
    strict,
    parameters: { type: 'object', properties: { x: { type: 'string' } } },
  }),
);

const toolChoice = fc.constantFrom(
  { type: 'auto' as const },
  { type: 'none' as const },
  { type: 'required' as const },
  { type: 'tool' as const, name: 'f' },
);
const effort = fc.constantFrom('none' as const, 'low' as const, 'medium' as const, 'max' as const);

const DONE: ChatMessage = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };

const requests = fc
  .record({
    model: words,
    turns: fc.array(turn, { minLength: 1, maxLength: 3 }),
    system: fc.array(text, { maxLength: 2 }),
    tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
    toolChoice,
    maxOutputTokens: fc.integer({ min: 16, max: 100_000 }),
    stop: fc.array(words, { minLength: 1, maxLength: 3 }),
    endUser: fc.stringMatching(/^[a-z0-9]{1,20}$/),
    serviceTier: fc.constantFrom('auto', 'default'),
    effort,
    stream: fc.boolean(),
  })
  .map(
    ({ turns, system, effort: level, ...rest }): ChatRequest => ({
      ...rest,
      messages: [
        ...(system.length > 0 ? [{ role: 'system' as const, content: system }] : []),
        ...turns.flat(),
        // Results are followed by an answer: results and a question are one turn at Anthropic, and
        // what a model says twice on end is one in Responses and at Gemini.
        ...(turns.at(-1)?.at(-1)?.role === 'tool' ? [DONE] : []),
      ],
      reasoning: { effort: level },
      responseFormat: { type: 'json_schema', schema: { type: 'object' } },
      includeUsage: true,
      dropped: [],
    }),
  );

describe.each(ALL)('a request through %s', (id, protocol) => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const request = sayable(asked, id);
        const { body, dropped } = protocol.encodeRequest(request, HINTS);
        const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
        const back = protocol.decodeRequest(wire, addressOf(request));
        expect(normal(back, id)).toEqual(normal(request, id));
        expect(dropped).toEqual([]);
      }),
    );
  });

  it('has facts that agree with its content', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const request = sayable(asked, id);
        const { body } = protocol.encodeRequest(request, HINTS);
        const facts = protocol.inspectRequest(body, undefined, addressOf(request));
        const parts = request.messages.flatMap((message) =>
          message.role === 'user' ? message.content : [],
        );
        expect(facts).toMatchObject({
          model: request.model,
          stream: request.stream,
          maxOutputTokens: request.maxOutputTokens,
          images: parts.filter(({ type }) => type === 'image').length,
          unboundedInput: false,
        });
      }),
    );
  });
});

/**
 * Responses has no stop strings. Google has four levels of thinking, and no word for strict tools or
 * for who the end user is, and its own for the standard tier.
 */
function sayable(whole: ChatRequest, id: string): ChatRequest {
  if (id === 'openai-responses') return without(whole, 'stop');
  if (!id.startsWith('gemini')) return whole;
  const request = without(whole, 'endUser', 'serviceTier');
  const tools = request.tools.map((each): ToolDefinition => {
    if (each.type === 'custom') return each;
    const { strict: _, ...lax } = each;
    return lax;
  });
  const isOneText = id === 'gemini-interactions';
  const messages = isOneText ? request.messages.map(withOneInstruction) : request.messages;
  const { effort: level } = request.reasoning ?? {};
  const known = level === 'none' ? 'minimal' : level === 'max' ? 'high' : (level ?? 'low');
  return { ...request, messages, tools, reasoning: { effort: known } };
}

/** An interaction's instruction is one text. */
function withOneInstruction(message: ChatMessage): ChatMessage {
  return message.role === 'system' ? { ...message, content: message.content.slice(0, 1) } : message;
}

function without(request: ChatRequest, ...keys: (keyof ChatRequest)[]): ChatRequest {
  const kept = Object.entries(request).filter(([key]) => !(keys as string[]).includes(key));
  return Object.fromEntries(kept) as unknown as ChatRequest;
}

/**
 * What each protocol adds of its own: a name for the schema; usage only where one may ask; that
 * thinking is shown to whoever asks for it.
 */
function normal({ reasoning, ...request }: ChatRequest, id: string): unknown {
  const { responseFormat, includeUsage, ...others } = request;
  const rest = { ...others, effort: reasoning?.effort };
  const schema = responseFormat?.type === 'json_schema' ? responseFormat.schema : undefined;
  const asked = id === 'openai-chat' && !request.stream ? undefined : includeUsage;
  return { ...rest, schema, asked };
}
