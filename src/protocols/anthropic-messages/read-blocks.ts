// Reads the content blocks of a Messages answer into events: texts, thinking, calls and citations, as
// they stand in a block's start, come in its deltas, or are owed at its stop.

import {
  arrayOf,
  isObject,
  objectOf,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { Citation } from '../../chat/request.ts';
import { writeForeignJson } from '../foreign-json.ts';
import { unwrapSeal } from '../seals.ts';
import { readCitation } from './citations.ts';
import { MAKER } from './maker.ts';

export interface BlockReader {
  start(index: JsonValue | undefined, block: JsonValue | undefined): ChatEvent[];
  delta(index: JsonValue | undefined, delta: JsonValue | undefined): ChatEvent[];
  stop(index: JsonValue | undefined): ChatEvent[];
}

/** A reader for one answer. */
export function readBlocks(): BlockReader {
  /** Calls by block; `input` is what the start held, for servers that send no deltas. */
  const calls = new Map<JsonValue | undefined, { call: number; input: string }>();
  let callCount = 0;
  const cited = placeCitations();

  function startCall(index: JsonValue | undefined, block: JsonObject): ChatEvent[] {
    const call = callCount++;
    const input = block['input'];
    const isFilled = isObject(input) && Object.keys(input).length > 0;
    calls.set(index, { call, input: isFilled ? writeForeignJson(input) : '' });
    const id = stringOf(block['id']) || `toolu_${call}`;
    return [{ type: 'tool_call', call, id, name: stringOf(block['name']) ?? '' }];
  }

  return {
    start(index, value) {
      const block = objectOf(value) ?? {};
      cited.open(block['type']);
      if (block['type'] === 'tool_use') return startCall(index, block);
      if (block['type'] === 'redacted_thinking') {
        const { maker, data } = unwrapSeal(stringOf(block['data']) ?? '', MAKER);
        return [{ type: 'redacted_thinking', data, maker }];
      }
      for (const citation of arrayOf(block['citations'])) cited.add(citation);
      return cited.measure(readText(block));
    },
    delta(index, value) {
      const delta = objectOf(value) ?? {};
      if (delta['type'] === 'citations_delta') {
        cited.add(delta['citation']);
        return [];
      }
      if (delta['type'] !== 'input_json_delta') return cited.measure(readText(delta));
      const json = stringOf(delta['partial_json']) ?? '';
      const open = calls.get(index);
      if (open === undefined || json === '') return [];
      open.input = '';
      return [{ type: 'tool_arguments', call: open.call, json }];
    },
    stop(index) {
      const open = calls.get(index);
      if (open === undefined) return cited.close();
      if (open.input === '') return [];
      const json = open.input;
      open.input = '';
      return [{ type: 'tool_arguments', call: open.call, json }];
    },
  };
}

/** Blocks that stand between two texts, so that the second is another part. */
const DIVIDERS: ReadonlySet<unknown> = new Set(['tool_use', 'thinking', 'redacted_thinking']);

/** A block cites for all of its text, though it may tell its sources before it. */
function placeCitations() {
  let length = 0;
  let blockStart = 0;
  let waiting: Citation[] = [];
  return {
    open(type: JsonValue | undefined) {
      if (DIVIDERS.has(type)) length = 0;
      blockStart = length;
    },
    measure(events: ChatEvent[]): ChatEvent[] {
      for (const event of events) if (event.type === 'text') length += event.text.length;
      return events;
    },
    add(value: JsonValue | undefined) {
      const citation = readCitation(value);
      if (citation !== undefined) waiting.push(citation);
    },
    close(): ChatEvent[] {
      if (waiting.length === 0) return [];
      const placed = waiting.map((citation): ChatEvent => {
        return { type: 'citation', citation: { ...citation, start: blockStart, end: length } };
      });
      waiting = [];
      return placed;
    },
  };
}

/** The text, thinking or signature of a block's start or of a delta. */
function readText(source: JsonObject): ChatEvent[] {
  const events: ChatEvent[] = [];
  const text = stringOf(source['text']) ?? '';
  const thinking = stringOf(source['thinking']) ?? '';
  const signature = stringOf(source['signature']) ?? '';
  if (text !== '') events.push({ type: 'text', text });
  if (thinking !== '') events.push({ type: 'thinking', text: thinking });
  if (signature !== '') {
    const seal = unwrapSeal(signature, MAKER);
    events.push({ type: 'thinking_signature', signature: seal.data, maker: seal.maker });
  }
  return events;
}
