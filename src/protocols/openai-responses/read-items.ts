// Reads the output items of a Responses answer into events, each piece once: from its deltas where
// there are any, from the finished item where a server sends only that. Items are told apart by their
// index in the output.

import { objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { readContent, readLogprobs, readSealEvent } from './read-content.ts';
import { SUMMARY_BREAK } from './reasoning.ts';
import { qualifiedName } from './tools.ts';

type Index = JsonValue | undefined;

export type DeltaKind = 'text' | 'refusal' | 'thinking' | 'arguments';

interface Slot {
  /** The call's number in the answer, once it has been announced. */
  call: number | undefined;
  /** Whether any of the item's text has been read. */
  hasText: boolean;
  isDone: boolean;
}

export interface ItemReader {
  added(index: Index, item: JsonValue | undefined): ChatEvent[];
  delta(index: Index, kind: DeltaKind, event: JsonObject): ChatEvent[];
  /** A further part of a summary. */
  summaryPart(index: Index, event: JsonObject): ChatEvent[];
  done(index: Index, item: JsonValue | undefined): ChatEvent[];
  /** What the last event repeats: only items that were not read yet, or not to their end. */
  rest(output: readonly JsonValue[]): ChatEvent[];
  hasCalls(): boolean;
  hasRefused(): boolean;
}

/** A reader for one answer. Never throws. */
export function readItems(): ItemReader {
  const slots = new Map<Index, Slot>();
  let calls = 0;
  let refused = false;

  function slotAt(index: Index): Slot {
    const known = slots.get(index);
    if (known !== undefined) return known;
    const slot: Slot = { call: undefined, hasText: false, isDone: false };
    slots.set(index, slot);
    return slot;
  }

  function announce(slot: Slot, item: JsonObject): ChatEvent[] {
    const custom = item['type'] === 'custom_tool_call';
    if ((item['type'] !== 'function_call' && !custom) || slot.call !== undefined) return [];
    slot.call = calls++;
    const id = stringOf(item['call_id']) || stringOf(item['id']) || `call_${slot.call}`;
    const name = qualifiedName(item['namespace'], stringOf(item['name']) ?? '');
    return [{ type: 'tool_call', call: slot.call, id, name, ...(custom && { custom }) }];
  }

  function delta(index: Index, kind: DeltaKind, event: JsonObject): ChatEvent[] {
    const slot = slotAt(index);
    const text = stringOf(event['delta']) ?? '';
    const logprobs = kind === 'text' ? readLogprobs(event['logprobs']) : [];
    if (text === '') return logprobs;
    slot.hasText = true;
    refused ||= kind === 'refusal';
    if (kind !== 'arguments') return [{ type: kind, text }, ...logprobs];
    return slot.call === undefined ? [] : [{ type: 'tool_arguments', call: slot.call, json: text }];
  }

  function done(index: Index, value: JsonValue | undefined): ChatEvent[] {
    const item = objectOf(value);
    const slot = slotAt(index);
    if (item === undefined || slot.isDone) return [];
    slot.isDone = true;
    const events = announce(slot, item);
    if (!slot.hasText) events.push(...readContent(item, slot.call));
    refused ||= events.some(({ type }) => type === 'refusal');
    return [...events, ...readSealEvent(item)];
  }

  return {
    added: (index, value) => announce(slotAt(index), objectOf(value) ?? {}),
    delta,
    summaryPart(index, event) {
      const isFirst = event['summary_index'] === 0 || !slotAt(index).hasText;
      return isFirst ? [] : [{ type: 'thinking', text: SUMMARY_BREAK }];
    },
    done,
    rest(output) {
      // Some servers number the items of a stream otherwise than they stand in the end.
      const isAllNew = slots.size === 0;
      return output.flatMap((item, i) => (isAllNew || slots.has(i) ? done(i, item) : []));
    },
    hasCalls: () => calls > 0,
    hasRefused: () => refused,
  };
}
