// Reads the steps of an interaction into events, whether they come in pieces or whole. A step may come
// with all that it has when it starts, so that whole answers are steps that start and stop at once.
// Tools that Google runs, sounds and pictures have no events.

import {
  arrayOf,
  isObject,
  objectOf,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { writeForeignJson } from '../foreign-json.ts';
import { unwrapBlock } from '../seals.ts';
import { type PartText, readAnnotations } from './annotations.ts';
import { MAKER } from './maker.ts';

type Index = JsonValue | undefined;

/** What is known of the step with one index. */
interface Slot {
  /** Its number among the calls; undefined while it is none. */
  call?: number;
  /** The arguments that it began with; pieces that follow replace them. */
  initialJson: string;
  hasArguments: boolean;
  /** A signature waits for the end of its step: the summary that it is of may still come. */
  signature: string;
}

export interface StepReader {
  start(index: Index, step: JsonValue | undefined): ChatEvent[];
  delta(index: Index, delta: JsonValue | undefined): ChatEvent[];
  stop(index: Index): ChatEvent[];
  /** What the last event repeats, where nothing came before it; and whatever was left open. */
  end(steps: readonly JsonValue[]): ChatEvent[];
  hasCalls(): boolean;
}

/** A reader for one answer. Never throws. */
export function readSteps(): StepReader {
  const slots = openSlots();
  const output = readOutput();
  const calls = readCalls();
  const { other } = output;

  function start(index: Index, value: JsonValue | undefined): ChatEvent[] {
    const step = objectOf(value) ?? {};
    const slot = slots.at(index);
    output.begin();
    switch (step['type']) {
      case 'model_output':
        return arrayOf(step['content']).flatMap(output.content);
      case 'text':
        return output.content(step);
      case 'thought': {
        const summary = arrayOf(step['summary']).flatMap(think);
        return other([...summary, ...sign(slot, step['signature'])]);
      }
      case 'function_call':
        return other(calls.begin(slot, step));
      default:
        return [];
    }
  }

  function delta(index: Index, value: JsonValue | undefined): ChatEvent[] {
    const piece = objectOf(value) ?? {};
    const slot = slots.at(index);
    switch (piece['type']) {
      case 'text':
        return output.say(piece['text'], piece['annotations']);
      case 'text_annotation_delta':
        return output.say('', piece['annotations']);
      case 'thought_summary':
        return other(think(piece['content']));
      case 'thought_signature':
        return other(sign(slot, piece['signature']));
      case 'arguments_delta':
        return calls.argue(slot, piece['arguments']);
      case 'function_call':
        return other([...calls.announce(slot, piece), ...calls.argue(slot, piece['arguments'])]);
      default:
        return [];
    }
  }

  const stop = (index: Index): ChatEvent[] => {
    const slot = slots.at(index);
    return [...other(sign(slot, undefined)), ...calls.end(slot)];
  };

  return {
    start,
    delta,
    stop,
    end(steps) {
      const told = slots.any() ? [] : steps.flatMap((step, i) => [...start(i, step), ...stop(i)]);
      return [...told, ...slots.indices().flatMap(stop)];
    },
    hasCalls: calls.any,
  };
}

function openSlots() {
  const slots = new Map<Index, Slot>();
  return {
    at(index: Index): Slot {
      const known = slots.get(index);
      if (known !== undefined) return known;
      const slot: Slot = { initialJson: '', hasArguments: false, signature: '' };
      slots.set(index, slot);
      return slot;
    },
    any: () => slots.size > 0,
    indices: () => [...slots.keys()],
  };
}

function readOutput() {
  const text: PartText = { part: '', stepStart: 0 };

  function say(value: JsonValue | undefined, annotations: JsonValue | undefined): ChatEvent[] {
    const said = stringOf(value) ?? '';
    text.part += said;
    const events: ChatEvent[] = said === '' ? [] : [{ type: 'text', text: said }];
    return [...events, ...readAnnotations(annotations, text)];
  }

  /** What comes next is counted from here. */
  function begin(): void {
    text.stepStart = text.part.length;
  }

  return {
    say,
    begin,
    content(value: JsonValue): ChatEvent[] {
      const content = objectOf(value) ?? {};
      if (content['type'] !== 'text') return [];
      begin();
      return say(content['text'], content['annotations']);
    },
    /** Whatever is no text begins a new part. */
    other(events: ChatEvent[]): ChatEvent[] {
      if (events.length > 0) text.part = '';
      return events;
    },
  };
}

function think(content: JsonValue | undefined): ChatEvent[] {
  const thought = stringOf(objectOf(content)?.['text']) ?? '';
  return thought === '' ? [] : [{ type: 'thinking', text: thought }];
}

/** Keeps a signature, and tells the one that waited. */
function sign(slot: Slot, value: JsonValue | undefined): ChatEvent[] {
  const { signature } = slot;
  slot.signature = stringOf(value) ?? '';
  if (signature === '') return [];
  const block = unwrapBlock(signature, MAKER);
  return [block.type === 'thinking' ? { ...block, type: 'thinking_signature' } : block];
}

function readCalls() {
  let calls = 0;

  function announce(slot: Slot, step: JsonObject): ChatEvent[] {
    const name = stringOf(step['name']) ?? '';
    if (slot.call !== undefined || name === '') return [];
    slot.call = calls++;
    const id = stringOf(step['id']) || `call_${slot.call}`;
    return [{ type: 'tool_call', call: slot.call, id, name }];
  }

  function argue(slot: Slot, value: JsonValue | undefined): ChatEvent[] {
    const json = jsonOf(value);
    if (slot.call === undefined || json === '') return [];
    slot.hasArguments = true;
    return [{ type: 'tool_arguments', call: slot.call, json }];
  }

  return {
    begin(slot: Slot, step: JsonObject): ChatEvent[] {
      slot.initialJson = jsonOf(step['arguments']);
      return announce(slot, step);
    },
    announce,
    argue,
    /** The arguments that it began with, where no others came. */
    end: (slot: Slot): ChatEvent[] => (slot.hasArguments ? [] : argue(slot, slot.initialJson)),
    any: () => calls > 0,
  };
}

/** A piece of arguments, or all of them as an object. */
function jsonOf(value: JsonValue | undefined): string {
  return isObject(value) ? writeForeignJson(value) : (stringOf(value) ?? '');
}
