// One answer of a Chat Completions stream, of which there may be several side by side. Calls are
// counted within it, and one that was given no arguments gets the empty object at the end.

import type { JsonObject } from '../../base/json.ts';
import { settleFinish } from '../../chat/answer.ts';
import type { ChatEvent, FinishReason } from '../../chat/events.ts';
import { writeAnnotation } from './annotations.ts';
import { writeFinish } from './finish.ts';
import { writeLogprobs } from './logprobs.ts';
import { writeAnswerDetail, type ReasoningPart } from './reasoning.ts';

export interface ChoiceWriter {
  push(event: ChatEvent): string;
  /** What is still owed, and the finish. */
  end(): string;
}

/** `write`: makes the chunk around a choice. */
export function writeChoice(index: number, write: (choice: JsonObject) => string): ChoiceWriter {
  const deltas = writeDeltas();
  let opened = false;
  let finish: FinishReason = 'stop';

  function chunk(delta: JsonObject, logprobs: JsonObject | null, reason: string | null): string {
    return write({ index, delta, logprobs, finish_reason: reason });
  }

  function opening(): string {
    if (opened) return '';
    opened = true;
    return chunk({ role: 'assistant', content: '', refusal: null }, null, null);
  }

  const writeAll = (list: readonly JsonObject[]): string =>
    list.map((delta) => chunk(delta, null, null)).join('');

  return {
    push(event) {
      if (event.type === 'finish') {
        finish = event.reason;
        return '';
      }
      const head = opening();
      if (event.type !== 'logprobs') return head + writeAll(deltas.write(event));
      return head + chunk({}, writeLogprobs(event.tokens), null);
    },
    end() {
      const owed = opening() + writeAll(deltas.owed());
      const reason = settleFinish(finish, deltas.hasCalls());
      return owed + chunk({}, null, writeFinish(reason, deltas.hasRefusalText()));
    },
  };
}

interface OpenCall {
  readonly index: number;
  readonly custom: boolean;
  given: boolean;
}

function writeDeltas() {
  const reasoning = collectReasoning();
  const text = measureText();
  const calls = new Map<number, OpenCall>();
  let hasRefusalText = false;

  function openCall({ call, id, name, custom }: Extract<ChatEvent, { type: 'tool_call' }>) {
    const index = calls.size;
    calls.set(call, { index, custom: custom === true, given: false });
    return custom
      ? { index, id, type: 'custom', custom: { name, input: '' } }
      : { index, id, type: 'function', function: { name, arguments: '' } };
  }

  function writeArguments(open: OpenCall | undefined, json: string): JsonObject[] {
    if (open === undefined || json === '') return [];
    open.given = true;
    const { index } = open;
    const more = open.custom ? { custom: { input: json } } : { function: { arguments: json } };
    return [{ tool_calls: [{ index, ...more }] }];
  }

  function write(event: ChatEvent): JsonObject[] {
    if (event.type === 'text') text.add(event.text);
    else if (event.type !== 'citation') text.close();
    switch (event.type) {
      case 'text':
        return [{ content: event.text }];
      case 'citation':
        return [{ annotations: [text.annotate(event.citation)] }];
      case 'refusal':
        hasRefusalText = true;
        return [{ refusal: event.text }];
      case 'thinking':
        reasoning.add(event.text);
        return [{ reasoning_content: event.text }];
      case 'thinking_signature':
      case 'redacted_thinking': {
        const detail = reasoning.close(event);
        return detail === undefined ? [] : [{ reasoning_details: [detail] }];
      }
      case 'tool_call':
        return [{ tool_calls: [openCall(event)] }];
      case 'tool_arguments':
        return writeArguments(calls.get(event.call), event.json);
      default:
        return [];
    }
  }

  return {
    write,
    /** Arguments for the calls that were given none, which must still be valid JSON. */
    owed: () =>
      [...calls.values()].flatMap((open) =>
        open.given || open.custom ? [] : writeArguments(open, '{}'),
      ),
    hasCalls: () => calls.size > 0,
    hasRefusalText: () => hasRefusalText,
  };
}

/** Measures the text, for citations tell their stretch by places in it. */
function measureText() {
  let length = 0;
  let partStart = 0;
  return {
    add(more: string) {
      length += more.length;
    },
    /** What comes next is another part. */
    close() {
      partStart = length;
    },
    annotate: (citation: Extract<ChatEvent, { type: 'citation' }>['citation']) =>
      writeAnnotation(citation, partStart, length),
  };
}

/** Gathers each block's text, so that its signature goes out in one detail with what it signs. */
function collectReasoning() {
  let text = '';
  let index = 0;
  return {
    add(more: string) {
      text += more;
    },
    close(event: Extract<ChatEvent, { type: 'thinking_signature' | 'redacted_thinking' }>) {
      const part: ReasoningPart =
        event.type === 'redacted_thinking' ? event : { ...event, type: 'thinking', text };
      text = '';
      return writeAnswerDetail(part, index++);
    },
  };
}
