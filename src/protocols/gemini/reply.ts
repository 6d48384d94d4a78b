// A whole generateContent reply, written from the folded events: each answer as the one last chunk of
// a stream.

import type { JsonObject } from '../../base/json.ts';
import { foldAnswers } from '../../chat/answer.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { AssistantPart } from '../../chat/request.ts';
import type { AnswerContext } from '../protocol.ts';
import { writeAnswer } from './answer-writer.ts';
import { envelope } from './encode-events.ts';

/** Throws the HubError of an `error` event. */
export function encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const answers = foldAnswers(events);
  const candidates = answers.map(({ parts, logprobs, finish }, index) => {
    const writer = writeAnswer(index);
    const content: JsonObject[] = [];
    const told = parts.flatMap(eventsOf);
    for (const event of [...told, { type: 'logprobs' as const, tokens: logprobs }]) {
      content.push(...partsOf(writer.push(event)));
    }
    const last = writer.end(finish);
    // The empty text of a last chunk is no part of an answer that has others.
    const rest =
      content.length > 0 ? partsOf(last).filter((part) => !isPadding(part)) : partsOf(last);
    return { ...last, content: { parts: [...content, ...rest], role: 'model' } };
  });
  return envelope(candidates, context, answers[0]?.usage);
}

function partsOf(candidate: JsonObject | undefined): JsonObject[] {
  const content = candidate?.['content'] as { parts: JsonObject[] } | undefined;
  return content?.parts ?? [];
}

function isPadding(part: JsonObject): boolean {
  return part['text'] === '' && Object.keys(part).length === 1;
}

/** A folded part as the events that it came from. */
function eventsOf(part: AssistantPart, call: number): ChatEvent[] {
  switch (part.type) {
    case 'text': {
      const sources = (part.citations ?? []).map((citation) => ({
        type: 'citation' as const,
        citation,
      }));
      return [{ type: 'text', text: part.text }, ...sources];
    }
    case 'refusal':
    case 'redacted_thinking':
      return [part];
    case 'thinking': {
      const { text, signature, maker } = part;
      const thought: ChatEvent = { type: 'thinking', text };
      if (signature === undefined || maker === undefined) return [thought];
      return [thought, { type: 'thinking_signature', signature, maker }];
    }
    case 'tool_call': {
      const { id, name, argumentsJson: json } = part;
      return [
        { type: 'tool_call', call, id, name },
        { type: 'tool_arguments', call, json },
      ];
    }
  }
}
