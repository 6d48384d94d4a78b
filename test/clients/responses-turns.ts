// How OpenAI says a turn in Responses on the wire: whole and streamed, usage included. Written from
// OpenAI's own reference, not from src/protocols.

import { type Answer, answerJson, answerStream, messagesStream } from '../support/upstream.ts';
import type { Spent, Turn } from './turns.ts';

type Item = Readonly<Record<string, unknown>> & { readonly type: string };
type Event = Readonly<Record<string, unknown>> & { readonly type: string };

/** Answers as OpenAI does, streamed if it is asked to; it shows its thoughts only if it is asked. */
export function speakResponses(spoken: Turn): Answer {
  return (response, asked) => {
    const { model, stream, reasoning } = asked.body;
    const isShown = (reasoning as { summary?: unknown } | undefined)?.summary !== undefined;
    const turn = isShown ? spoken : hidden(spoken);
    const answer =
      stream === true
        ? answerStream(...messagesStream(...responsesEvents(turn, model)))
        : answerJson(responseObject(turn, model));
    return answer(response, asked);
  };
}

function hidden(turn: Turn): Turn {
  return turn.thinking ? { ...turn, thinking: { ...turn.thinking, text: '' } } : turn;
}

/** The first events of an answer: its start, and its text. */
export function responsesOpening(turn: Turn, model: unknown): Event[] {
  const events = responsesEvents(turn, model);
  return events.slice(
    0,
    events.findIndex(({ type }) => type === 'response.output_text.done'),
  );
}

function responsesEvents(turn: Turn, model: unknown): Event[] {
  const started = {
    ...responseObject(turn, model),
    status: 'in_progress',
    output: [],
    usage: null,
  };
  const events: Event[] = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    ...itemsOf(turn).flatMap(writeItem),
    { type: 'response.completed', response: responseObject(turn, model) },
  ];
  return events.map((event, i) => ({ ...event, sequence_number: i }));
}

function responseObject(turn: Turn, model: unknown): object {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    error: null,
    incomplete_details: null,
    model,
    output: itemsOf(turn),
    service_tier: 'default',
    usage: responsesUsage(turn.spent),
  };
}

function itemsOf(turn: Turn): Item[] {
  const message = {
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: turn.text ?? '', annotations: [], logprobs: [] }],
  };
  const calls = (turn.calls ?? []).map(({ id, name, input }) => ({
    type: 'function_call',
    id: `fc_${id}`,
    call_id: id,
    name,
    arguments: JSON.stringify(input),
    status: 'completed',
  }));
  return [...reasoningOf(turn), ...(turn.text === undefined ? [] : [message]), ...calls];
}

function reasoningOf({ thinking }: Turn): Item[] {
  if (!thinking) return [];
  const summary = thinking.text === '' ? [] : [{ type: 'summary_text', text: thinking.text }];
  return [{ type: 'reasoning', id: 'rs_1', summary, encrypted_content: thinking.signature }];
}

function writeItem(item: Item, output_index: number): Event[] {
  return item.type === 'reasoning'
    ? reasoningEvents(item, output_index)
    : itemEvents(item, output_index);
}

function reasoningEvents(item: Item, output_index: number): Event[] {
  const [part] = item['summary'] as { text: string }[];
  const at = { item_id: item['id'], output_index, summary_index: 0 };
  const summary: Event[] = part
    ? [
        { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
        ...pieces(part.text).map((delta) => ({
          type: 'response.reasoning_summary_text.delta',
          ...at,
          delta,
        })),
        { type: 'response.reasoning_summary_text.done', ...at, text: part.text },
        { type: 'response.reasoning_summary_part.done', ...at, part },
      ]
    : [];
  const added = { ...item, summary: [], encrypted_content: '' };
  return [
    { type: 'response.output_item.added', output_index, item: added },
    ...summary,
    { type: 'response.output_item.done', output_index, item },
  ];
}

function itemEvents(item: Item, output_index: number): Event[] {
  const place = { item_id: item['id'], output_index };
  const [part] = (item['content'] ?? []) as { text: string }[];
  const json = item['arguments'] as string;
  const started = part ? { ...item, content: [] } : { ...item, arguments: '' };
  const at = { ...place, content_index: 0 };
  const inner: Event[] = part
    ? [
        { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
        ...pieces(part.text).map((delta) => ({
          type: 'response.output_text.delta',
          ...at,
          delta,
          logprobs: [],
        })),
        { type: 'response.output_text.done', ...at, text: part.text, logprobs: [] },
        { type: 'response.content_part.done', ...at, part },
      ]
    : [
        ...pieces(json).map((delta) => ({
          type: 'response.function_call_arguments.delta',
          ...place,
          delta,
        })),
        { type: 'response.function_call_arguments.done', ...place, arguments: json },
      ];
  return [
    {
      type: 'response.output_item.added',
      output_index,
      item: { ...started, status: 'in_progress' },
    },
    ...inner,
    { type: 'response.output_item.done', output_index, item },
  ];
}

/** OpenAI's counts include their parts. */
export function responsesUsage(spent: Spent): object {
  const { uncached, cacheRead = 0, written = 0, written5m = 0, written1h = 0 } = spent;
  const input = uncached + cacheRead + written + written5m + written1h;
  const output = spent.text + (spent.reasoning ?? 0);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: written + written5m + written1h,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: spent.reasoning ?? 0 },
    total_tokens: input + output,
  };
}

function pieces(text: string): string[] {
  return text.match(/[^]{1,7}/gu) ?? [];
}
