// Whole answers, folded from their events. Every protocol's non-streaming reply is written from them,
// so that a streamed and a whole answer cannot differ. Arguments are joined per call, whatever
// order they came in; a failure among the events is thrown, for half an answer is not a reply.

import type { ChatEvent, FinishReason, TokenLogprob } from './events.ts';
import type { AssistantPart } from './request.ts';
import type { ReportedUsage } from './usage.ts';

export interface Answer {
  readonly parts: readonly AssistantPart[];
  readonly logprobs: readonly TokenLogprob[];
  readonly finish: FinishReason;
  readonly stopSequence?: string;
  /** Of all the answers together. */
  readonly usage?: ReportedUsage;
}

/** The first answer, for protocols that give one. Throws the HubError of an `error` event. */
export function foldAnswer(events: readonly ChatEvent[]): Answer {
  return foldAnswers(events)[0]!;
}

/** At least one answer. Throws the HubError of an `error` event. */
export function foldAnswers(events: readonly ChatEvent[]): readonly Answer[] {
  const folds = [openFold()];
  const foldOfCall: Fold[] = [];
  let usage: ReportedUsage | undefined;
  for (const event of events) {
    if (event.type === 'error') throw event.error;
    if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'tool_arguments') foldOfCall[event.call]?.add(event);
    else if (event.type !== 'start' && event.type !== 'ping') {
      const fold = (folds[event.choice ?? 0] ??= openFold());
      if (event.type === 'tool_call') foldOfCall[event.call] = fold;
      fold.add(event);
    }
  }
  // A number that was left out is an empty answer.
  return Array.from(folds, (fold) => ({
    ...(fold ?? openFold()).close(),
    ...(usage !== undefined && { usage }),
  }));
}

/** A finish reason that agrees with what the answer holds; upstreams get this wrong both ways. */
export function settleFinish(reason: FinishReason, hasCalls: boolean): FinishReason {
  if (reason === 'tool_calls' && !hasCalls) return 'stop';
  if (reason === 'stop' && hasCalls) return 'tool_calls';
  return reason;
}

type AnswerEvent = Exclude<ChatEvent, { type: 'start' | 'ping' | 'usage' | 'error' }>;

interface Fold {
  add(event: AnswerEvent): void;
  close(): Answer;
}

function openFold(): Fold {
  const parts: AssistantPart[] = [];
  const partOfCall: number[] = [];
  const logprobs: TokenLogprob[] = [];
  let finish: FinishReason = 'stop';
  let stopSequence: string | undefined;
  let thinkingOpen = false;

  function addArguments(call: number, json: string): void {
    const at = partOfCall[call];
    const part = at === undefined ? undefined : parts[at];
    if (at === undefined || part?.type !== 'tool_call') return;
    parts[at] = { ...part, argumentsJson: part.argumentsJson + json };
  }

  return {
    add(event) {
      if (event.type === 'finish') ({ reason: finish, stopSequence } = event);
      else if (event.type === 'logprobs') logprobs.push(...event.tokens);
      else if (event.type === 'tool_call') {
        const { id, name, custom } = event;
        partOfCall[event.call] = parts.length;
        parts.push({ type: 'tool_call', id, name, argumentsJson: '', ...(custom && { custom }) });
      } else if (event.type === 'tool_arguments') addArguments(event.call, event.json);
      else {
        appendPart(parts, event, thinkingOpen);
        thinkingOpen = event.type === 'thinking';
      }
    },
    close: () => ({
      parts: parts.map(withArguments),
      logprobs,
      finish: settleFinish(finish, partOfCall.length > 0),
      ...(stopSequence !== undefined && { stopSequence }),
    }),
  };
}

type ContentEvent = Exclude<
  AnswerEvent,
  { type: 'finish' | 'logprobs' | 'tool_call' | 'tool_arguments' }
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
  } else if (event.type === 'citation') {
    const text = last?.type === 'text' ? last : undefined;
    if (text !== undefined) parts.pop();
    const citations = [...(text?.citations ?? []), event.citation];
    parts.push({ type: 'text', text: text?.text ?? '', citations });
  } else if (last?.type === event.type) {
    parts[parts.length - 1] = { ...last, text: last.text + event.text };
  } else parts.push({ type: event.type, text: event.text });
}

function withArguments(part: AssistantPart): AssistantPart {
  return part.type === 'tool_call' && !part.custom && part.argumentsJson.trim() === ''
    ? { ...part, argumentsJson: '{}' }
    : part;
}
