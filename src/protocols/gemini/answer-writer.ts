// Writes one of the answers of a reply, whether streamed or whole: its parts, and what Gemini tells
// beside them, which is the sources of its text and the log probabilities of its tokens.

import type { JsonObject } from '../../base/json.ts';
import type { ChatEvent, FinishReason, TokenLogprob } from '../../chat/events.ts';
import type { Citation } from '../../chat/request.ts';
import { present } from '../fields.ts';
import { writeCitations } from './citations.ts';
import { writeFinish } from './finish.ts';
import { writeLogprobs } from './logprobs.ts';
import { queueParts } from './part-queue.ts';

export interface AnswerWriter {
  /** The candidate of a chunk that this event makes due; undefined where none is. */
  push(event: ChatEvent): JsonObject | undefined;
  /** The last one: with everything that waited, and the reason of the end. */
  end(reason: FinishReason): JsonObject;
}

export function writeAnswer(index: number): AnswerWriter {
  const parts = queueParts();
  const citations: Citation[] = [];
  let logprobs: TokenLogprob[] = [];
  let text = '';
  /** Where the text part begins whose sources are told. */
  let partStart = 0;

  /** Gemini counts over the whole text, the events in its newest part. */
  function cite({ start, end, ...citation }: Citation): void {
    const shift = (place: number | undefined) =>
      place === undefined ? undefined : place + partStart;
    citations.push({ ...citation, ...present({ start: shift(start), end: shift(end) }) });
  }

  function write(list: JsonObject[], more: JsonObject = {}): JsonObject {
    const logprobsResult = writeLogprobs(logprobs);
    logprobs = [];
    return {
      content: { parts: list, role: 'model' },
      index,
      ...present({ logprobsResult }),
      ...more,
    };
  }

  return {
    push(event) {
      if (event.type === 'logprobs') logprobs.push(...event.tokens);
      else if (event.type === 'citation') cite(event.citation);
      else if (event.type === 'text' || event.type === 'refusal') text += event.text;
      else partStart = text.length;
      const list = parts.push(event);
      return list.length === 0 ? undefined : write(list);
    },
    end(reason) {
      const list = parts.end();
      // Clients take content without parts for an answer that is none.
      if (list.length === 0) list.push({ text: '' });
      const finishReason = writeFinish(reason, text !== '');
      const groundingMetadata = writeCitations(citations, text);
      return write(list, { finishReason, ...present({ groundingMetadata }) });
    },
  };
}
