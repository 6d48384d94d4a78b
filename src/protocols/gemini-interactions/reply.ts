// A whole interaction, written from the folded events: each part of the answer is a step.

import { isObject, parseJson, type JsonObject } from '../../base/json.ts';
import { foldAnswer } from '../../chat/answer.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { AssistantPart, Citation } from '../../chat/request.ts';
import { present } from '../fields.ts';
import type { AnswerContext } from '../protocol.ts';
import { wrapBlock } from '../seals.ts';
import { writeAnnotation } from './annotations.ts';
import { MAKER } from './maker.ts';
import { closeInteraction } from './snapshot.ts';
import { writeStatus } from './status.ts';

/** Throws the HubError of an `error` event. */
export function encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const { parts, finish, usage } = foldAnswer(events);
  const hasText = parts.some((part) => part.type === 'text' || part.type === 'refusal');
  const ending = { ...writeStatus(finish, hasText), steps: parts.map(writeStep) };
  return closeInteraction(context, ending, usage);
}

function writeStep(part: AssistantPart): JsonObject {
  switch (part.type) {
    case 'text':
      return writeOutput(part.text, part.citations ?? []);
    case 'refusal':
      return writeOutput(part.text, []);
    case 'redacted_thinking':
      return { type: 'thought', signature: wrapBlock(part, MAKER) };
    case 'thinking': {
      const { text, signature: own, maker } = part;
      const isSigned = own !== undefined && maker !== undefined;
      const signature = isSigned
        ? wrapBlock({ type: 'thinking', signature: own, maker }, MAKER)
        : undefined;
      const summary = text === '' ? undefined : [{ type: 'text', text }];
      return { type: 'thought', ...present({ summary, signature }) };
    }
    case 'tool_call': {
      const { id, name, argumentsJson: json } = part;
      // A call that was cut short keeps its text where a client sees it.
      const input = parseJson(json);
      return {
        type: 'function_call',
        id,
        name,
        arguments: isObject(input) ? input : { _raw: json },
      };
    }
  }
}

function writeOutput(text: string, citations: readonly Citation[]): JsonObject {
  const annotations = citations.map((citation) => writeAnnotation(citation, text));
  const sources = annotations.length > 0 ? { annotations } : {};
  return { type: 'model_output', content: [{ type: 'text', text, ...sources }] };
}
