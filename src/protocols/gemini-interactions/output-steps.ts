// The steps of a streamed interaction on their way out, one after the other: the first that is not
// complete streams live, and what comes behind it waits. Arguments of parallel calls may come in turns,
// so a call is complete with its JSON, everything else when the next step begins.

import { parseJson, type JsonObject } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { Citation } from '../../chat/request.ts';
import { wrapBlock } from '../seals.ts';
import { writeAnnotation } from './annotations.ts';
import { MAKER } from './maker.ts';

/** The fields of an event after its name. */
export type StepEvent = JsonObject & { readonly event_type: string };

interface Step {
  readonly kind: 'text' | 'refusal' | 'thought' | 'call';
  readonly opening: JsonObject;
  /** Pieces that have not gone out. */
  readonly waiting: JsonObject[];
  /** All of its text, or of its arguments. */
  text: string;
  isComplete: boolean;
}

export interface OutputSteps {
  /** The events that this one lets out; may be none. */
  push(event: ChatEvent): StepEvent[];
  /** Everything that waited. */
  end(): StepEvent[];
  hasCalls(): boolean;
  hasText(): boolean;
}

/** For one answer. */
export function queueSteps(): OutputSteps {
  const queue = openQueue();
  const calls: Step[] = [];
  let hasText = false;

  function say(kind: 'text' | 'refusal', text: string): void {
    if (text === '') return;
    hasText = true;
    const step = queue.last(kind, 'model_output');
    step.text += text;
    step.waiting.push({ type: 'text', text });
  }

  function cite(citation: Citation): void {
    const step = queue.last('text', 'model_output');
    const annotations = [writeAnnotation(citation, step.text)];
    step.waiting.push({ type: 'text_annotation_delta', annotations });
  }

  function think(text: string): void {
    if (text === '') return;
    const content = { type: 'text', text };
    queue.last('thought', 'thought').waiting.push({ type: 'thought_summary', content });
  }

  function take(event: ChatEvent): void {
    switch (event.type) {
      case 'text':
      case 'refusal':
        return say(event.type, event.text);
      case 'citation':
        return cite(event.citation);
      case 'thinking':
        return think(event.text);
      case 'thinking_signature': {
        const block = { ...event, type: 'thinking' as const };
        return sign(queue.last('thought', 'thought'), wrapBlock(block, MAKER));
      }
      case 'redacted_thinking':
        return sign(queue.open('thought', { type: 'thought' }), wrapBlock(event, MAKER));
      case 'tool_call': {
        const { id, name } = event;
        calls[event.call] = queue.open('call', { type: 'function_call', id, name, arguments: {} });
        return;
      }
      case 'tool_arguments':
        return argue(calls[event.call], event.json);
    }
  }

  return {
    push(event) {
      take(event);
      return queue.drain(false);
    },
    end: () => queue.drain(true),
    hasCalls: () => calls.length > 0,
    hasText: () => hasText,
  };
}

function sign(step: Step, signature: string): void {
  step.waiting.push({ type: 'thought_signature', signature });
  step.isComplete = true;
}

function argue(step: Step | undefined, json: string): void {
  if (step === undefined || step.isComplete || json === '') return;
  step.text += json;
  step.waiting.push({ type: 'arguments_delta', arguments: json });
}

function openQueue() {
  const queue: Step[] = [];
  let index = 0;
  let isOpened = false;

  function open(kind: Step['kind'], opening: JsonObject): Step {
    const before = queue.at(-1);
    if (before !== undefined && before.kind !== 'call') before.isComplete = true;
    const step: Step = { kind, opening, waiting: [], text: '', isComplete: false };
    queue.push(step);
    return step;
  }

  function drain(atEnd: boolean): StepEvent[] {
    const events: StepEvent[] = [];
    for (let step = queue[0]; step !== undefined; step = queue[0]) {
      // More may come of the newest call, whatever it looks like.
      const isDone = atEnd || step.isComplete || (queue.length > 1 && isWholeCall(step));
      // Who reads the pieces must find JSON in them.
      if (isDone && step.kind === 'call' && step.text.trim() === '') argue(step, '{}');
      if (!isOpened) events.push({ event_type: 'step.start', index, step: step.opening });
      isOpened = true;
      for (const delta of step.waiting.splice(0)) {
        events.push({ event_type: 'step.delta', index, delta });
      }
      if (!isDone) break;
      events.push({ event_type: 'step.stop', index });
      queue.shift();
      step.isComplete = true;
      isOpened = false;
      index += 1;
    }
    return events;
  }

  return {
    open,
    /** The newest step, where it is of this kind and not complete; or else a new one. */
    last(kind: Step['kind'], type: string): Step {
      const step = queue.at(-1);
      return step?.kind === kind && !step.isComplete ? step : open(kind, { type });
    },
    /** The events that can go out. */
    drain,
  };
}

/** A parse is tried only where the text can be the end of an object. */
function isWholeCall({ kind, text }: Step): boolean {
  return kind === 'call' && text.trimEnd().endsWith('}') && parseJson(text) !== undefined;
}
