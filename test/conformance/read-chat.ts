// OpenAI's Chat Completions as anybody speaks it, and the older Completions, whose choices are texts.

import {
  type Draft,
  type End,
  type Loose,
  addSeal,
  callOf,
  countOf,
  isCount,
  listOf,
  openDraft,
  textOf,
} from './draft.ts';

const ENDS: Readonly<Record<string, End>> = {
  length: 'length',
  model_length: 'context_full',
  tool_calls: 'calls',
  function_call: 'calls',
  content_filter: 'filter',
  sensitive: 'filter',
};
/** Reasons that are failures. */
const FAILURES = ['error', 'network_error', 'abort', 'insufficient_system_resource'];

export function readChat(chunks: readonly Loose[]): Draft {
  const draft = openDraft();
  const texts: string[] = [];
  let plain = '';
  let detailed = '';
  for (const chunk of chunks) {
    for (const choice of listOf(chunk['choices'])) {
      const number = countOf(choice['index']);
      const delta = choice['delta'] ?? choice['message'];
      const refusal = textOf(delta?.['refusal']);
      const content = contentOf(delta?.['content']);
      const text = content.text + refusal + textOf(choice['text']);
      texts[number] = (texts[number] ?? '') + text;
      const from = delta ?? choice;
      plain += textOf(from['reasoning_content']) || textOf(from['reasoning']);
      plain += content.thinking;
      for (const detail of listOf(delta?.['reasoning_details'])) {
        detailed += textOf(detail['text']) || textOf(detail['summary']);
        addSeal(draft, detail['signature'] ?? detail['data']);
      }
      readCalls(draft, number, delta?.['tool_calls']);
      draft.refused ||= refusal !== '';
      if (number === 0) draft.finish = textOf(choice['finish_reason']) || draft.finish;
    }
    const usage = chunk['usage'] ?? chunk['x_groq']?.['usage'];
    readUsage(draft, usage ?? listOf(chunk['choices'])[0]?.['usage']);
  }
  draft.text = texts.join('');
  draft.thinking = plain || detailed;
  draft.failed = FAILURES.includes(draft.finish);
  draft.end = ENDS[draft.finish] ?? (draft.refused ? 'refusal' : 'natural');
  return draft;
}

/** Mistral's content is a list of parts, thinking among them. */
function contentOf(content: Loose | undefined): { text: string; thinking: string } {
  let text = textOf(content);
  let thinking = '';
  for (const part of listOf(content)) {
    text += textOf(part['text']);
    for (const thought of listOf(part['thinking'])) thinking += textOf(thought['text']);
  }
  return { text, thinking };
}

/** By their index; where there is none by their id, or else it is more of the newest. */
function readCalls(draft: Draft, choice: number, parts: Loose | undefined): void {
  for (const part of listOf(parts)) {
    const id = textOf(part['id']);
    const custom = part['custom'];
    const called = custom ?? part['function'];
    const name = textOf(called?.['name']);
    const index = isCount(part['index']) ? countOf(part['index']) : id;
    const keys = [...draft.calls.keys()];
    let key: unknown = index === '' && name === '' ? keys.at(-1) : `${choice} ${index}`;
    const known = draft.calls.get(key);
    // Some servers give every call the same index.
    if (known && id !== '' && name !== '' && known.id !== id) key = `${String(key)} ${id}`;
    const call = callOf(draft, key);
    call.id ||= id;
    call.name ||= name;
    const given = called?.['arguments'] ?? custom?.['input'];
    call.json += typeof given === 'object' && given ? JSON.stringify(given) : textOf(given);
  }
}

function readUsage(draft: Draft, usage: Loose | undefined): void {
  if (!isCount(usage?.['prompt_tokens']) || !usage) return;
  const input = usage['prompt_tokens_details'] ?? usage['prompt_token_details'];
  const output = usage['completion_tokens_details'];
  const { read, written } = cachesOf(usage, input);
  const prompt = countOf(usage['prompt_tokens']);
  const completion = countOf(usage['completion_tokens']);
  const reasoning = countOf(output?.['reasoning_tokens'] ?? usage['reasoning_tokens']);
  // At xAI reasoning comes on top of the completion, as the total shows.
  const beyond = countOf(usage['total_tokens']) - prompt - completion;
  const isOnTop = reasoning > 0 && beyond === reasoning;
  draft.tokens = {
    inUncached: prompt - read - written,
    inCacheRead: read,
    inCacheWriteOther: written,
    outText: completion - (isOnTop ? 0 : reasoning),
    outReasoning: reasoning,
  };
  const others = [input?.['audio_tokens'], output?.['audio_tokens'], output?.['image_tokens']];
  draft.unpriced = others.some((count) => countOf(count) > 0);
}

function cachesOf(usage: Loose, input: Loose | undefined): { read: number; written: number } {
  const read =
    input?.['cached_tokens'] ??
    usage['prompt_cache_hit_tokens'] ??
    usage['cached_tokens'] ??
    usage['num_cached_tokens'];
  const written = input?.['cache_write_tokens'] ?? input?.['cache_creation_input_tokens'];
  return { read: countOf(read), written: countOf(written) };
}
