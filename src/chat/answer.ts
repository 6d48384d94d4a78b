// A whole answer, folded from its events. Every protocol's non-streaming reply is written from it,
// so that a streamed and a whole answer cannot differ. Arguments are joined per call, whatever
// order they came in; a failure among the events is thrown, for half an answer is not a reply.

import type { ChatEvent, FinishReason } from './events.ts';
import type { AssistantPart } from './request.ts';
import type { ReportedUsage } from './usage.ts';

export interface Answer {
  readonly parts: readonly AssistantPart[];
  readonly finish: FinishReason;
  readonly stopSequence?: string;
  readonly usage?: ReportedUsage;
}

/** Folds events into the answer. Throws the HubError of an `error` event. */
export function foldAnswer(events: readonly ChatEvent[]): Answer {
  const parts: AssistantPart[] = [];
  const callParts: number[] = [];
  let finish: FinishReason = 'stop';
  let stopSequence: string | undefined;
  let usage: ReportedUsage | undefined;
  let thinkingOpen = false;
  for (const event of events) {
    if (event.type === 'error') throw event.error;
    if (event.type === 'finish') ({ reason: finish, stopSequence } = event);
    else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'tool_call') {
      callParts[event.call] = parts.length;
      parts.push({ type: 'tool_call', id: event.id, name: event.name, argumentsJson: '' });
    } else if (event.type === 'tool_arguments') {
      const at = callParts[event.call];
      const part = at === undefined ? undefined : parts[at];
      if (at !== undefined && part?.type === 'tool_call') {
        parts[at] = { ...part, argumentsJson: part.argumentsJson + event.json };
      }
    } else if (event.type !== 'start' && event.type !== 'ping') {
      appendPart(parts, event, thinkingOpen);
      thinkingOpen = event.type === 'thinking';
    }
  }
  const hasCalls = callParts.length > 0;
  return {
    parts: parts.map(withArguments),
    finish: settleFinish(finish, hasCalls),
    ...(stopSequence !== undefined && { stopSequence }),
    ...(usage !== undefined && { usage }),
  };
}

/** A finish reason that agrees with what the answer holds; upstreams get this wrong both ways. */
export function settleFinish(reason: FinishReason, hasCalls: boolean): FinishReason {
  if (reason === 'tool_calls' && !hasCalls) return 'stop';
  if (reason === 'stop' && hasCalls) return 'tool_calls';
  return reason;
}

type ContentEvent = Extract<
  ChatEvent,
  { type: 'text' | 'refusal' | 'thinking' | 'thinking_signature' | 'redacted_thinking' }
>;

function appendPart(parts: AssistantPart[], event: ContentEvent, thinkingOpen: boolean): void {
  const last = parts.at(-1);
  if (event.type === 'redacted_thinking') {
    parts.push({ type: 'redacted_thinking', data: event.data, maker: event.maker });
  } else if (event.type === 'thinking_signature') {
    const { signature, maker } = event;
    const open = thinkingOpen && last?.type === 'thinking' ? last : undefined;
    if (open !== undefined) parts.pop();
    parts.push({ type: 'thinking', text: open?.text ?? '', signature, maker });
  } else if (event.type === 'thinking') {
    if (last?.type === 'thinking' && thinkingOpen) {
      parts[parts.length - 1] = { ...last, text: last.text + event.text };
    } else parts.push({ type: 'thinking', text: event.text });
  } else if (last?.type === event.type) {
    parts[parts.length - 1] = { ...last, text: last.text + event.text };
  } else parts.push({ type: event.type, text: event.text });
}

function withArguments(part: AssistantPart): AssistantPart {
  return part.type === 'tool_call' && part.argumentsJson.trim() === ''
    ? { ...part, argumentsJson: '{}' }
    : part;
}
