// The parts of one answer on their way out. A call goes out whole in one part, so it waits until its
// arguments are complete, and what comes behind it waits with it; everything else streams live.

import { isObject, parseJson, type JsonObject } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { wrapSeal } from '../seals.ts';
import { MAKER } from './maker.ts';
import { placeSignatures } from './signatures.ts';

interface QueuedPart {
  readonly part: JsonObject;
  /** Set of a call alone: what there is of its arguments. */
  readonly call?: { readonly id: string; readonly name: string; json: string };
}

export interface PartQueue {
  /** The parts that this event lets out; may be none. */
  push(event: ChatEvent): JsonObject[];
  /** Everything that waited. */
  end(): JsonObject[];
}

/** A queue for one answer. */
export function queueParts(): PartQueue {
  const signatures = placeSignatures();
  const queue: QueuedPart[] = [];
  const calls: NonNullable<QueuedPart['call']>[] = [];

  function add(...parts: readonly JsonObject[]): void {
    for (const part of parts) queue.push({ part });
  }

  function take(event: ChatEvent): void {
    switch (event.type) {
      case 'text':
      case 'refusal':
        if (event.text !== '') add(signatures.place({ text: event.text }));
        return;
      case 'thinking':
        add(...signatures.owed());
        if (event.text !== '') add({ text: event.text, thought: true });
        return;
      case 'thinking_signature':
        add(...signatures.owed());
        signatures.sign(wrapSeal({ maker: event.maker, data: event.signature }, MAKER));
        return;
      case 'redacted_thinking':
        add(...signatures.owed());
        add({ text: '', thought: true, thoughtSignature: wrapSeal(event, MAKER) });
        return;
      case 'tool_call': {
        const call = { id: event.id, name: event.name, json: '' };
        calls[event.call] = call;
        queue.push({ part: signatures.place({}), call });
        return;
      }
      case 'tool_arguments': {
        const call = calls[event.call];
        if (call !== undefined) call.json += event.json;
      }
    }
  }

  function drain(atEnd: boolean): JsonObject[] {
    const out: JsonObject[] = [];
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const { part, call } = head;
      // More may come of the newest call, whatever it looks like.
      if (call && !atEnd && (queue.length === 1 || !isWholeJson(call.json))) break;
      out.push(call ? { ...part, functionCall: writeCall(call) } : part);
      queue.shift();
    }
    return out;
  }

  return {
    push(event) {
      take(event);
      return drain(false);
    },
    end() {
      add(...signatures.owed());
      return drain(true);
    },
  };
}

/** A parse is tried only where the text can be the end of an object. */
function isWholeJson(json: string): boolean {
  return json.trimEnd().endsWith('}') && parseJson(json) !== undefined;
}

/** Arguments must be an object; a call that was cut short keeps its text where a client sees it. */
function writeCall({ id, name, json }: NonNullable<QueuedPart['call']>): JsonObject {
  const args = json.trim() === '' ? {} : parseJson(json);
  return { id, name, args: isObject(args) ? args : { _raw: json } };
}
