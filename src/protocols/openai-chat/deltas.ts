// Reads the text, reasoning, citations and refusal of a Chat Completions answer's deltas, or of its
// whole message, wherever servers put them.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { readAnnotations } from './annotations.ts';
import { isSet } from '../fields.ts';
import type { ReasoningField } from '../thinking-words.ts';
import { readAnswerDetail } from './reasoning.ts';
import { readThinkTags } from './think-tags.ts';

/** Until the usage of the whole answer says how many tokens its sound is. */
const UNCOUNTED: ChatEvent = Object.freeze({
  type: 'usage',
  usage: Object.freeze({ final: false, problem: 'uncounted' }),
});

export interface DeltaReader {
  read(delta: JsonObject): ChatEvent[];
  /** What was held back of the text. */
  end(): ChatEvent[];
}

/** Reads the text-like fields of one answer's deltas, each text from one place only. */
export function readDeltas(field: ReasoningField | undefined): DeltaReader {
  const tags = field === 'think_tags' ? readThinkTags() : undefined;
  let hasPlainReasoning = false;
  let textLength = 0;
  /** Where the text part that stands last begins in all the text. */
  let partStart = 0;

  function readReasoning(delta: JsonObject): ChatEvent[] {
    const plain = stringOf(delta['reasoning_content']) || stringOf(delta['reasoning']) || '';
    hasPlainReasoning ||= plain !== '';
    const events: ChatEvent[] = plain === '' ? [] : [{ type: 'thinking', text: plain }];
    for (const detail of arrayOf(delta['reasoning_details'])) {
      const part = readAnswerDetail(detail);
      if (part?.type === 'redacted_thinking') events.push(part);
      if (part?.type !== 'thinking') continue;
      const { text, signature, maker } = part;
      // Where the plain field is sent too, the details repeat its text.
      if (!hasPlainReasoning && text !== '') events.push({ type: 'thinking', text });
      if (signature !== undefined && maker !== undefined) {
        events.push({ type: 'thinking_signature', signature, maker });
      }
    }
    return events;
  }

  function readContent(content: JsonValue | undefined): ChatEvent[] {
    if (typeof content !== 'string') return arrayOf(content).flatMap(readContentPart);
    if (content === '') return [];
    return tags?.read(content) ?? [{ type: 'text', text: content }];
  }

  function read(delta: JsonObject): ChatEvent[] {
    const events = readReasoning(delta);
    if (events.length > 0) partStart = textLength;
    for (const event of readContent(delta['content'])) {
      if (event.type === 'text') textLength += event.text.length;
      else partStart = textLength;
      events.push(event);
    }
    if (delta['annotations'] !== undefined) {
      for (const citation of readAnnotations(delta['annotations'], partStart)) {
        events.push({ type: 'citation', citation });
      }
    }
    if (delta['tool_calls'] !== undefined) partStart = textLength;
    if (isSet(delta['audio'])) events.push(UNCOUNTED);
    const refusal = stringOf(delta['refusal']) ?? '';
    if (refusal !== '') events.push({ type: 'refusal', text: refusal });
    return events;
  }

  return { read, end: () => tags?.end() ?? [] };
}

/** Mistral sends content as parts, its thinking among them. */
function readContentPart(value: JsonValue): ChatEvent[] {
  const part = objectOf(value);
  const text = stringOf(part?.['text']) ?? '';
  if (part?.['type'] === 'text') return text === '' ? [] : [{ type: 'text', text }];
  if (part?.['type'] !== 'thinking') return [];
  return arrayOf(part['thinking'])
    .map((piece) => stringOf(objectOf(piece)?.['text']) ?? '')
    .filter((thought) => thought !== '')
    .map((thought) => ({ type: 'thinking', text: thought }));
}
