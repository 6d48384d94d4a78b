// Assembles the tool calls of a Chat stream. The index keys a call, but some servers send a whole
// call without index, send every call as index 0 with another id, repeat the id on each fragment,
// or name the call only after its first arguments; each of these must keep calls apart.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { writeForeignJson } from '../foreign-json.ts';

interface Slot {
  id: string;
  /** The call's number in the answer, once its name is known and it has been announced. */
  call: number | undefined;
  /** Arguments that came before the name. */
  early: string;
}

export interface ToolCallReader {
  /** Reads the `tool_calls` of one choice's delta. */
  read(choice: number, calls: JsonValue | undefined): ChatEvent[];
}

/** A reader for one answer. `makeId` gives the id of a call that came without one. */
export function readToolCalls(makeId: (call: number) => string): ToolCallReader {
  const slots = new Map<string, Slot>();
  const newest = new Map<number, Slot>();
  let announced = 0;

  function open(choice: number, key: string, id: string): Slot {
    const slot: Slot = { id, call: undefined, early: '' };
    slots.set(`${choice}:${key}`, slot);
    if (id !== '') slots.set(`${choice}:id:${id}`, slot);
    newest.set(choice, slot);
    return slot;
  }

  function find(choice: number, item: JsonObject, id: string, name: string): Slot | undefined {
    const known = id === '' ? undefined : slots.get(`${choice}:id:${id}`);
    if (typeof item['index'] !== 'number') {
      if (known !== undefined) return known;
      return id !== '' || name !== '' ? open(choice, 'whole', id) : newest.get(choice);
    }
    const slot = slots.get(`${choice}:${item['index']}`);
    const isOther = slot?.call !== undefined && id !== '' && name !== '' && id !== slot.id;
    return slot === undefined || isOther ? open(choice, `${item['index']}`, id) : slot;
  }

  function readOne(choice: number, item: JsonObject): ChatEvent[] {
    const custom = objectOf(item['custom']);
    const called = custom ?? objectOf(item['function']);
    const id = stringOf(item['id']) ?? '';
    const name = stringOf(called?.['name']) ?? '';
    const slot = find(choice, item, id, name);
    if (slot === undefined) return [];
    const events: ChatEvent[] = [];
    let json = argumentsOf(called?.[custom ? 'input' : 'arguments']);
    if (slot.call === undefined) {
      if (id !== '') slot.id = id;
      if (name === '') {
        slot.early += json;
        return [];
      }
      slot.call = announced++;
      slot.id ||= makeId(slot.call);
      json = slot.early + json;
      const { call, id: callId } = slot;
      events.push({ type: 'tool_call', call, id: callId, name, ...(custom && { custom: true }) });
    }
    if (json !== '') events.push({ type: 'tool_arguments', call: slot.call, json });
    return events;
  }

  return {
    read: (choice, calls) =>
      arrayOf(calls).flatMap((item) => readOne(choice, objectOf(item) ?? {})),
  };
}

/** Arguments are JSON text by the protocol; some servers send the object itself. */
function argumentsOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : writeForeignJson(value);
}
