// A client of the sandbox over real HTTP: whole answers as OpenAI's types, streams as their chunks.

import { isObject, parseJson } from '../../src/base/json.ts';
import { readSse } from '../../src/base/sse.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';

export interface ToolCall {
  readonly index?: number;
  readonly id?: string;
  readonly type?: string;
  readonly function: { readonly name?: string; readonly arguments: string };
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
}

export interface Message {
  readonly role?: string;
  readonly content?: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly ToolCall[];
}

export interface Completion {
  readonly id: string;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: Message;
    readonly finish_reason: string;
  }[];
  readonly usage?: Usage;
}

export interface Chunk {
  readonly id: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: Message;
    readonly finish_reason: string | null;
  }[];
  readonly usage?: Usage | null;
}

export interface Streamed {
  readonly chunks: readonly Chunk[];
  /** The data of every event, `[DONE]` included. */
  readonly data: readonly string[];
  /** Whether the connection broke before the answer was complete. */
  readonly brokeOff: boolean;
}

export type Body = Readonly<Record<string, unknown>>;

/** A body with one user message. */
export function ask(model: string, text: string, more: Body = {}): Body {
  return { model, messages: [{ role: 'user', content: text }], ...more };
}

export function post(sandbox: Sandbox, body: Body | string): Promise<Response> {
  return fetch(`${sandbox.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** A whole answer. Throws when the status is not 200. */
export async function complete(sandbox: Sandbox, body: Body): Promise<Completion> {
  const response = await post(sandbox, body);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text) as Completion;
}

/** The message of the only choice. */
export async function completeMessage(sandbox: Sandbox, body: Body): Promise<Message> {
  const { choices } = await complete(sandbox, body);
  if (choices.length !== 1 || !choices[0]) throw new Error(`${choices.length} choices`);
  return choices[0].message;
}

/** A streamed answer, read to its end or to where it breaks off. */
export async function stream(sandbox: Sandbox, body: Body): Promise<Streamed> {
  const response = await post(sandbox, { ...body, stream: true });
  if (response.status !== 200 || !response.body) throw new Error(`status ${response.status}`);
  const reader = readSse();
  const data: string[] = [];
  let brokeOff = false;
  try {
    for await (const bytes of response.body) {
      data.push(...reader.push(Buffer.from(bytes)).map((event) => event.data));
    }
  } catch {
    brokeOff = true;
  }
  const chunks = data.flatMap((text) => {
    const parsed = parseJson(text);
    return isObject(parsed) && 'choices' in parsed ? [parsed as unknown as Chunk] : [];
  });
  return { chunks, data, brokeOff };
}

/** What the chunks of one choice add up to. */
export function fold(chunks: readonly Chunk[], index = 0): Message & { finish: string[] } {
  let content = '';
  let reasoning = '';
  const calls: { id: string; type: string; name: string; json: string }[] = [];
  const finish: string[] = [];
  for (const choice of chunks.flatMap((chunk) => chunk.choices)) {
    if (choice.index !== index) continue;
    content += choice.delta.content ?? '';
    reasoning += choice.delta.reasoning_content ?? '';
    if (choice.finish_reason !== null) finish.push(choice.finish_reason);
    for (const call of choice.delta.tool_calls ?? []) {
      const { name = '', arguments: json } = call.function;
      const at = call.index ?? 0;
      const known = calls[at];
      if (known) known.json += json;
      else calls[at] = { id: call.id ?? '', type: call.type ?? '', name, json };
    }
  }
  return {
    role: chunks[0]?.choices[0]?.delta.role ?? '',
    content: calls.length > 0 ? null : content,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, type, name, json }) => ({
        id,
        type,
        function: { name, arguments: json },
      })),
    }),
    finish,
  };
}
