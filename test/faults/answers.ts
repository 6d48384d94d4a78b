// What the stand-in says in the fault suites: whole answers and streams of both protocols with the
// usage that a test wants to see metered, in the places where a test wants it to stand.

export const PROMPT_TOKENS = 20;
export const ANSWER_TOKENS = 7;

export const CHAT_USAGE = Object.freeze({
  prompt_tokens: PROMPT_TOKENS,
  completion_tokens: ANSWER_TOKENS,
  total_tokens: PROMPT_TOKENS + ANSWER_TOKENS,
});

/** A whole Chat Completions answer. */
export function chatAnswer(usage: unknown = CHAT_USAGE): Record<string, unknown> {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'stand-in',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Hi there.' }, finish_reason: 'stop' },
    ],
    usage,
  };
}

/** One chunk of a Chat Completions stream. */
export function chatChunk(
  delta: Record<string, unknown>,
  finishReason: string | null = null,
  usage?: unknown,
): Record<string, unknown> {
  return {
    ...CHUNK,
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...(usage !== undefined && { usage }),
  };
}

/** The chunk that carries usage alone. */
export function usageChunk(usage: unknown = CHAT_USAGE): Record<string, unknown> {
  return { ...CHUNK, choices: [], usage };
}

const CHUNK = Object.freeze({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'stand-in',
});

/** A whole Messages answer. */
export function messagesAnswer(usage: unknown): Record<string, unknown> {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'stand-in',
    content: [{ type: 'text', text: 'Hi there.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  };
}

type MessagesEvent = { readonly type: string } & Record<string, unknown>;

/** The opening events of a Messages stream, with the usage that stands there. */
export function messagesHead(usage: unknown): MessagesEvent[] {
  const message = { ...messagesAnswer(usage), content: [], stop_reason: null };
  return [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    messagesText('Hi there.'),
  ];
}

export function messagesText(text: string): MessagesEvent {
  return { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } };
}

/** The closing events of a Messages stream, one `message_delta` for each usage. */
export function messagesTail(...usages: readonly unknown[]): MessagesEvent[] {
  const deltas = usages.map((usage) => ({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage,
  }));
  return [{ type: 'content_block_stop', index: 0 }, ...deltas, { type: 'message_stop' }];
}
