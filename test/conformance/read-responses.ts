// OpenAI's Responses. Of a stream the pieces are read, for these are what a client shows as they come;
// what a finished item repeats is read where no piece of it came.

import {
  type Draft,
  type Loose,
  addSeal,
  callOf,
  countOf,
  isCount,
  listOf,
  openDraft,
  textOf,
} from './draft.ts';

interface Item {
  final: Loose;
  text: string;
  /** The parts of its reasoning by their number. */
  readonly thoughts: string[];
  json: string;
}

export function readResponses(parts: readonly Loose[], isStream: boolean): Draft {
  const draft = openDraft();
  const items = new Map<unknown, Item>();
  let response: Loose = {};
  for (const part of parts) {
    const type = textOf(part['type']);
    if (part['item']) itemOf(items, part).final = part['item'];
    if (type.endsWith('.delta')) readPiece(draft, itemOf(items, part), type, part);
    draft.failed ||= type === 'error';
    response = (isStream ? part['response'] : part) ?? response;
  }
  if (items.size === 0) {
    for (const [output_index, item] of listOf(response['output']).entries()) {
      itemOf(items, { output_index: output_index as unknown as Loose }).final = item;
    }
  }
  for (const [key, item] of items) readItem(draft, key, item);
  const status = textOf(response['status']);
  const reason = textOf(response['incomplete_details']?.['reason']);
  if (status !== 'in_progress') draft.finish = reason === '' ? status : `${status}: ${reason}`;
  draft.failed ||= ['failed', 'cancelled'].includes(status);
  draft.end = draft.refused ? 'refusal' : 'natural';
  if (status === 'incomplete') draft.end = reason === 'content_filter' ? 'filter' : 'length';
  readUsage(draft, response);
  return draft;
}

/** What the last event of a stream repeats of all before it. */
export function readSnapshot(parts: readonly Loose[]): Draft {
  return readResponses([parts.findLast((part) => part['response'])?.['response'] ?? {}], false);
}

function itemOf(items: Map<unknown, Item>, part: Loose): Item {
  const key = part['output_index'] ?? part['item_id'];
  const item = items.get(key) ?? { final: {}, text: '', thoughts: [], json: '' };
  items.set(key, item);
  return item;
}

function readPiece(draft: Draft, item: Item, type: string, part: Loose): void {
  const piece = textOf(part['delta']);
  if (type.includes('output_text') || type.includes('refusal')) item.text += piece;
  if (type.includes('refusal')) draft.refused = true;
  if (type.includes('reasoning')) {
    const at = countOf(part['summary_index'] ?? part['content_index']);
    item.thoughts[at] = (item.thoughts[at] ?? '') + piece;
  }
  if (type.includes('arguments') || type.includes('call_input')) item.json += piece;
}

function readItem(draft: Draft, key: unknown, { final, text, thoughts, json }: Item): void {
  const type = textOf(final['type']);
  if (type === 'reasoning') {
    const summary = listOf(final['summary']);
    const shown = summary.length > 0 ? summary : listOf(final['content']);
    const whole = shown.map((part) => textOf(part['text']));
    const thought = (thoughts.length > 0 ? thoughts : whole).join('\n\n');
    draft.thinking += thought;
    if (plainOf(textOf(final['encrypted_content'])) !== thought) {
      addSeal(draft, final['encrypted_content']);
    }
  } else if (type.endsWith('_call') && final['name']) {
    const call = callOf(draft, key);
    call.id = textOf(final['call_id']) || textOf(final['id']);
    call.name = textOf(final['name']);
    call.json = json || textOf(final['arguments'] ?? final['input']);
  } else {
    const content = listOf(final['content']);
    draft.refused ||= content.some((part) => textOf(part['refusal']) !== '');
    const whole = content.map((part) => textOf(part['text']) + textOf(part['refusal']));
    draft.text += text || whole.join('');
  }
}

/** The thought in encrypted content of the hub's own, which is no seal; undefined in any other. */
function plainOf(encrypted: string): string | undefined {
  const data = /^hub:plain:([\w-]*)$/.exec(encrypted)?.[1];
  return data === undefined ? undefined : Buffer.from(data, 'base64url').toString('utf8');
}

function readUsage(draft: Draft, response: Loose): void {
  const { usage } = response;
  if (!isCount(usage?.['input_tokens'])) return;
  const input = usage?.['input_tokens_details'];
  const read = countOf(input?.['cached_tokens']);
  const written = countOf(input?.['cache_write_tokens']);
  const reasoning = countOf(usage?.['output_tokens_details']?.['reasoning_tokens']);
  draft.tokens = {
    inUncached: countOf(usage?.['input_tokens']) - read - written,
    inCacheRead: read,
    inCacheWriteOther: written,
    outText: countOf(usage?.['output_tokens']) - reasoning,
    outReasoning: reasoning,
  };
  const hosted = [
    response['tool_usage']?.['web_search']?.['num_requests'],
    response['tool_usage']?.['image_gen']?.['total_tokens'],
    usage?.['num_server_side_tools_used'],
  ];
  draft.unpriced = hosted.some((count) => countOf(count) > 0);
}
