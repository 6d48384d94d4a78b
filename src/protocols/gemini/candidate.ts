// Reads one of the answers in a generateContent reply, chunk by chunk. Calls come whole in one part,
// each a new one, except that Vertex may stream a call's arguments over several parts, whose last one
// may never come. A signature on a part becomes an event right before it.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent, FinishReason } from '../../chat/events.ts';
import { writeForeignJson } from '../foreign-json.ts';
import { unwrapSeal } from '../seals.ts';
import { readCitations } from './citations.ts';
import { readFinish } from './finish.ts';
import { readLogprobs } from './logprobs.ts';
import { MAKER } from './maker.ts';
import { type ArgumentAssembler, assembleArguments } from './partial-args.ts';

export interface CandidateReader {
  read(candidate: JsonObject): ChatEvent[];
  /** What is left to say of calls that were never closed. */
  close(): ChatEvent[];
  /** The newest reason, once there was one; text may still follow it. */
  finish(): FinishReason | undefined;
}

/** Numbers the calls of all answers, and makes ids for those that come without. */
export interface CallCounter {
  next(): number;
  makeId(call: number): string;
}

interface OpenCall {
  readonly call: number;
  readonly id: string;
  readonly args: ArgumentAssembler;
}

type OfChoice = { readonly choice?: number };

export function readCandidate(index: number, counter: CallCounter): CandidateReader {
  const ofChoice: OfChoice = index > 0 ? { choice: index } : {};
  const calls = readCalls(counter, ofChoice);
  const cited = new Set<string>();
  let text = '';
  let reason: FinishReason | undefined;

  function readPart(value: JsonValue): ChatEvent[] {
    const part = objectOf(value) ?? {};
    const said = stringOf(part['text']) ?? '';
    const sealed = stringOf(part['thoughtSignature']) ?? '';
    const seal = unwrapSeal(sealed, MAKER);
    const signature: ChatEvent[] =
      sealed === ''
        ? []
        : [{ type: 'thinking_signature', signature: seal.data, maker: seal.maker, ...ofChoice }];
    if (part['thought'] === true) {
      if (said !== '') return [{ type: 'thinking', text: said, ...ofChoice }, ...signature];
      const isEncrypted = sealed !== '' && seal.maker !== MAKER;
      return isEncrypted ? [{ type: 'redacted_thinking', ...seal, ...ofChoice }] : signature;
    }
    const called = objectOf(part['functionCall']);
    if (called !== undefined) return [...signature, ...calls.read(called)];
    if (said === '') return signature;
    text += said;
    return [...signature, { type: 'text', text: said, ...ofChoice }];
  }

  function readBeside(candidate: JsonObject): ChatEvent[] {
    const tokens = readLogprobs(candidate['logprobsResult']);
    const events: ChatEvent[] =
      tokens.length > 0 ? [{ type: 'logprobs', tokens, ...ofChoice }] : [];
    for (const citation of readCitations(candidate, text)) {
      const key = JSON.stringify(citation);
      // Later chunks repeat what earlier ones told.
      if (!cited.has(key)) events.push({ type: 'citation', citation, ...ofChoice });
      cited.add(key);
    }
    return events;
  }

  return {
    read(candidate) {
      const parts = arrayOf(objectOf(candidate['content'])?.['parts']);
      const events = [...parts.flatMap(readPart), ...readBeside(candidate)];
      const word = stringOf(candidate['finishReason']) ?? '';
      if (word !== '' && word !== 'FINISH_REASON_UNSPECIFIED') reason = readFinish(word);
      return events;
    },
    close: calls.close,
    finish: () => reason,
  };
}

function readCalls(counter: CallCounter, ofChoice: OfChoice) {
  let open: OpenCall | undefined;

  function read(called: JsonObject): ChatEvent[] {
    const name = stringOf(called['name']) ?? '';
    const id = stringOf(called['id']) ?? '';
    if (open !== undefined && (name === '' || (id !== '' && id === open.id))) {
      return readMore(open, called);
    }
    const events = close();
    if (name === '') return events;
    const call = counter.next();
    const opened = { call, id: id || counter.makeId(call), args: assembleArguments() };
    events.push({ type: 'tool_call', call, id: opened.id, name, ...ofChoice });
    if (called['willContinue'] !== true && !Array.isArray(called['partialArgs'])) {
      const json = writeForeignJson(objectOf(called['args']) ?? {});
      return [...events, { type: 'tool_arguments', call, json }];
    }
    open = opened;
    return [...events, ...readMore(opened, called)];
  }

  function readMore({ args }: OpenCall, called: JsonObject): ChatEvent[] {
    args.add(called['partialArgs']);
    return called['willContinue'] === true ? [] : close();
  }

  function close(): ChatEvent[] {
    if (open === undefined) return [];
    const { call, args } = open;
    open = undefined;
    return [{ type: 'tool_arguments', call, json: args.json() }];
  }

  return { read, close };
}
