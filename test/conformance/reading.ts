// What an answer says, read from its bytes: by the recording's side to know what was meant, and by
// the client's side to know what arrived. Small and literal, and no part of it is from src: a
// mistake of the hub's own decoders must not be repeated here.

export type Dialect = 'chat' | 'messages';

export interface Reading {
  readonly text: string;
  readonly thinking: string;
  /** Signatures and encrypted blocks, in their order. */
  readonly seals: readonly string[];
  readonly calls: readonly { readonly id: string; readonly name: string; input: unknown }[];
  /** In the dialect's own word. */
  readonly finish: string;
  /** Disjoint counts by receipt line; zeros are left out. */
  readonly tokens: Readonly<Record<string, number>>;
}

/** Foreign JSON: whatever is not there reads as undefined. */
interface Loose {
  readonly [key: string]: Loose | undefined;
}
type Counts = Record<string, number>;

/** Throws where the bytes are no answer of this dialect. */
export function readAnswer(dialect: Dialect, isStream: boolean, bytes: Buffer): Reading {
  const text = bytes.toString('utf8');
  const parts = isStream ? readEvents(text) : [JSON.parse(text) as Loose];
  return dialect === 'chat' ? readChat(parts) : readMessages(parts, isStream);
}

/** The data of each event, in any of the three line ends; comments and `[DONE]` say nothing. */
function readEvents(text: string): Loose[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .map((event) =>
      event
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length))
        .join('\n')
        .trim(),
    )
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data) => JSON.parse(data) as Loose);
}

interface OpenCall {
  id: string;
  name: string;
  json: string;
}

function readChat(chunks: readonly Loose[]): Reading {
  let text = '';
  let thinking = '';
  let finish = '';
  let tokens: Counts = {};
  const seals: string[] = [];
  const calls = new Map<unknown, OpenCall>();
  for (const chunk of chunks) {
    const choice = listOf(chunk['choices'])[0];
    const delta = choice?.['delta'] ?? choice?.['message'];
    text += textOf(delta?.['content']);
    thinking += textOf(delta?.['reasoning_content']);
    finish = textOf(choice?.['finish_reason']) || finish;
    for (const detail of listOf(delta?.['reasoning_details'])) {
      seals.push(textOf(detail['signature']) || textOf(detail['data']));
    }
    for (const [i, part] of listOf(delta?.['tool_calls']).entries()) {
      const call = openCall(calls, part['index'] ?? i);
      call.id += textOf(part['id']);
      call.name += textOf(part['function']?.['name']);
      call.json += textOf(part['function']?.['arguments']);
    }
    if (chunk['usage']) tokens = chatTokens(chunk['usage']);
  }
  return { text, thinking, seals, calls: closeCalls(calls), finish, tokens };
}

function chatTokens(usage: Loose): Counts {
  const read = countOf(usage['prompt_tokens_details']?.['cached_tokens']);
  const written = countOf(usage['prompt_tokens_details']?.['cache_write_tokens']);
  const reasoning = countOf(usage['completion_tokens_details']?.['reasoning_tokens']);
  return withoutZeros({
    inUncached: countOf(usage['prompt_tokens']) - read - written,
    inCacheRead: read,
    inCacheWriteOther: written,
    outText: countOf(usage['completion_tokens']) - reasoning,
    outReasoning: reasoning,
  });
}

function readMessages(parts: readonly Loose[], isStream: boolean): Reading {
  let text = '';
  let thinking = '';
  let finish = '';
  let usage: Loose = {};
  const seals: string[] = [];
  const calls = new Map<unknown, OpenCall>();

  function readBlock(index: unknown, block: Loose | undefined): void {
    text += textOf(block?.['text']);
    thinking += textOf(block?.['thinking']);
    const seal = textOf(block?.['signature']) || textOf(block?.['data']);
    if (seal !== '') seals.push(seal);
    if (textOf(block?.['type']) !== 'tool_use') return;
    const call = openCall(calls, index);
    call.id = textOf(block?.['id']);
    call.name = textOf(block?.['name']);
    const input = JSON.stringify(block?.['input'] ?? {});
    if (input !== '{}') call.json = input;
  }

  for (const part of parts) {
    const message = isStream ? part['message'] : part;
    for (const [i, block] of listOf(message?.['content']).entries()) readBlock(i, block);
    readBlock(part['index'], part['content_block']);
    const json = textOf(part['delta']?.['partial_json']);
    if (json !== '') openCall(calls, part['index']).json += json;
    else readBlock(part['index'], part['delta']);
    finish = textOf((isStream ? part['delta'] : part)?.['stop_reason']) || finish;
    usage = { ...usage, ...message?.['usage'], ...(isStream && part['usage']) };
  }
  const tokens = messagesTokens(usage);
  return { text, thinking, seals, calls: closeCalls(calls), finish, tokens };
}

function messagesTokens(usage: Loose): Counts {
  const written = countOf(usage['cache_creation_input_tokens']);
  const hours = countOf(usage['cache_creation']?.['ephemeral_1h_input_tokens']);
  const thinking = countOf(usage['output_tokens_details']?.['thinking_tokens']);
  return withoutZeros({
    inUncached: countOf(usage['input_tokens']),
    inCacheRead: countOf(usage['cache_read_input_tokens']),
    inCacheWrite5m: written - hours,
    inCacheWrite1h: hours,
    outText: countOf(usage['output_tokens']) - thinking,
    outReasoning: thinking,
  });
}

function openCall(calls: Map<unknown, OpenCall>, key: unknown): OpenCall {
  const call = calls.get(key) ?? { id: '', name: '', json: '' };
  calls.set(key, call);
  return call;
}

function closeCalls(calls: Map<unknown, OpenCall>): Reading['calls'] {
  return [...calls.values()].map(({ id, name, json }) => {
    return { id, name, input: readArguments(json) };
  });
}

/** A model that was cut off leaves half an object; its text is all that can be compared. */
function readArguments(json: string): unknown {
  try {
    return JSON.parse(json.trim() || '{}') as unknown;
  } catch {
    return json;
  }
}

function withoutZeros(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

function listOf(value: Loose | undefined): Loose[] {
  return Array.isArray(value) ? (value as Loose[]) : [];
}

function textOf(value: Loose | undefined): string {
  return typeof value === 'string' ? value : '';
}

function countOf(value: Loose | undefined): number {
  return typeof value === 'number' ? value : 0;
}
