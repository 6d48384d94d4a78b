// The content blocks of a Converse answer, in pieces and whole. What must be given out in one piece (a
// signature, a redacted thought) is kept until its block ends.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { writeForeignJson } from '../foreign-json.ts';
import { MAKER } from './maker.ts';

export interface BlockReader {
  start(index: JsonValue | undefined, start: JsonValue | undefined): ChatEvent[];
  delta(index: JsonValue | undefined, delta: JsonValue | undefined): ChatEvent[];
  stop(index: JsonValue | undefined): ChatEvent[];
  /** What blocks without an end have left. */
  end(): ChatEvent[];
  /** A block of an answer that came whole. */
  whole(block: JsonValue): ChatEvent[];
}

interface Seal {
  signature: string;
  readonly redacted: Buffer[];
}

/** A reader for one answer. */
export function readBlocks(): BlockReader {
  const calls = new Map<JsonValue | undefined, number>();
  const seals = new Map<JsonValue | undefined, Seal>();
  let callCount = 0;

  function openCall(call: JsonObject): { readonly number: number; readonly event: ChatEvent } {
    const number = callCount++;
    const id = stringOf(call['toolUseId']) || `tooluse_${number}`;
    const name = stringOf(call['name']) ?? '';
    return { number, event: { type: 'tool_call', call: number, id, name } };
  }

  function keepSeal(index: JsonValue | undefined, reasoning: JsonObject): void {
    const signature = stringOf(reasoning['signature']) ?? '';
    const redacted = stringOf(reasoning['redactedContent']) ?? '';
    if (signature === '' && redacted === '') return;
    const seal = seals.get(index) ?? { signature: '', redacted: [] };
    seals.set(index, seal);
    seal.signature += signature;
    if (redacted !== '') seal.redacted.push(Buffer.from(redacted, 'base64'));
  }

  function stop(index: JsonValue | undefined): ChatEvent[] {
    const seal = seals.get(index);
    seals.delete(index);
    return seal === undefined ? [] : readSeal(seal);
  }

  return {
    start(index, value) {
      const toolUse = objectOf(objectOf(value)?.['toolUse']);
      if (toolUse === undefined) return [];
      const { number, event } = openCall(toolUse);
      calls.set(index, number);
      return [event];
    },
    delta(index, value) {
      const delta = objectOf(value) ?? {};
      const call = calls.get(index);
      const json = stringOf(objectOf(delta['toolUse'])?.['input']) ?? '';
      const reasoning = objectOf(delta['reasoningContent']) ?? {};
      keepSeal(index, reasoning);
      return [
        ...readText('text', delta['text']),
        ...readText('thinking', reasoning['text']),
        ...readCitation(delta['citation']),
        ...(call === undefined || json === '' ? [] : [toolArguments(call, json)]),
      ];
    },
    stop,
    end: () => [...seals.keys()].flatMap((index) => stop(index)),
    whole(value) {
      const block = objectOf(value) ?? {};
      const toolUse = objectOf(block['toolUse']);
      if (toolUse !== undefined) {
        const { number, event } = openCall(toolUse);
        return [event, toolArguments(number, writeForeignJson(toolUse['input'] ?? {}))];
      }
      const reasoning = objectOf(block['reasoningContent']) ?? {};
      const thought = objectOf(reasoning['reasoningText']) ?? {};
      keepSeal(undefined, { ...reasoning, ...thought });
      const cited = objectOf(block['citationsContent']) ?? {};
      return [
        ...readText('text', block['text']),
        ...readText('thinking', thought['text']),
        ...stop(undefined),
        ...arrayOf(cited['content']).flatMap((part) => readText('text', objectOf(part)?.['text'])),
        ...arrayOf(cited['citations']).flatMap(readCitation),
      ];
    },
  };
}

function toolArguments(call: number, json: string): ChatEvent {
  return { type: 'tool_arguments', call, json };
}

function readSeal({ signature, redacted }: Seal): ChatEvent[] {
  const events: ChatEvent[] = [];
  if (signature !== '') events.push({ type: 'thinking_signature', signature, maker: MAKER });
  if (redacted.length > 0) {
    const data = Buffer.concat(redacted).toString('base64');
    events.push({ type: 'redacted_thinking', data, maker: MAKER });
  }
  return events;
}

function readText(type: 'text' | 'thinking', value: JsonValue | undefined): ChatEvent[] {
  const text = stringOf(value) ?? '';
  return text === '' ? [] : [{ type, text }];
}

/** A citation of a web page; those of documents are given to requests that ask for them alone. */
function readCitation(value: JsonValue | undefined): ChatEvent[] {
  const citation = objectOf(value);
  const url = stringOf(objectOf(objectOf(citation?.['location'])?.['web'])?.['url']);
  if (citation === undefined || url === undefined) return [];
  const title = stringOf(citation['title']);
  const words = arrayOf(citation['sourceContent']).map((part) => objectOf(part)?.['text']);
  const quote = words.filter((text) => typeof text === 'string').join('');
  return [
    {
      type: 'citation',
      citation: { url, ...(title !== undefined && { title }), ...(quote !== '' && { quote }) },
    },
  ];
}
