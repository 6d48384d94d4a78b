// A whole Messages reply, written from the folded events. An answer without any content gets one
// empty text block, for clients take the first block for granted.

import { isObject, parseJson, type JsonObject } from '../../base/json.ts';
import { foldAnswer } from '../../chat/answer.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { AssistantPart } from '../../chat/request.ts';
import type { AnswerContext } from '../protocol.ts';
import { present } from '../fields.ts';
import { writeCitation } from './citations.ts';
import { stopDetails } from './encode-events.ts';
import { writeFinish } from './finish.ts';
import { MAKER } from './maker.ts';
import { wrapSeal } from '../seals.ts';
import { writeUsage } from './usage.ts';

/** Throws the HubError of an `error` event. */
export function encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const answer = foldAnswer(events);
  const content = answer.parts.map(writeBlock);
  return {
    id: `msg_${context.requestId}`,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: content.length === 0 ? [{ type: 'text', text: '' }] : content,
    stop_reason: writeFinish(answer.finish),
    stop_sequence: answer.stopSequence ?? null,
    stop_details: stopDetails(answer.finish),
    usage: writeUsage(answer.usage),
  };
}

function writeBlock(part: AssistantPart): JsonObject {
  switch (part.type) {
    case 'text': {
      const citations = part.citations?.map(writeCitation);
      return { type: 'text', text: part.text, ...present({ citations }) };
    }
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'thinking': {
      const { signature = '', maker = '' } = part;
      const seal = signature === '' ? '' : wrapSeal({ maker, data: signature }, MAKER);
      return { type: 'thinking', thinking: part.text, signature: seal };
    }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: wrapSeal(part, MAKER) };
    case 'tool_call': {
      const { id, name, argumentsJson } = part;
      return { type: 'tool_use', id, name, input: readInput(argumentsJson) };
    }
  }
}

/** The input must be an object; a call that was cut short keeps its text where a client sees it. */
function readInput(json: string): JsonObject {
  const input = parseJson(json);
  return isObject(input) ? input : { _raw: json };
}
