// The parts of a message on its way out. Citations and log probabilities belong to the text that is
// open; strict readers want the bytes of every token.

import type { JsonObject } from '../../base/json.ts';
import type { ChatEvent, TokenLogprob } from '../../chat/events.ts';
import type { Citation } from '../../chat/request.ts';
import type { ResponseEvent } from './errors.ts';
import type { Place } from './open-item.ts';

type PartPlace = Place & { readonly content_index: number };

export interface OpenPart {
  readonly type: 'output_text' | 'refusal';
  readonly at: PartPlace;
  push(event: ChatEvent): ResponseEvent[];
  /** The event that repeats the whole of it. */
  done(): ResponseEvent;
  write(): JsonObject;
}

export function openTextPart(at: PartPlace): OpenPart {
  const annotations: JsonObject[] = [];
  const logprobs: JsonObject[] = [];
  let text = '';

  function grow(delta: string, tokens: readonly TokenLogprob[]): ResponseEvent[] {
    const added = tokens.map(writeLogprob);
    text += delta;
    logprobs.push(...added);
    return [{ type: 'response.output_text.delta', ...at, delta, logprobs: added }];
  }

  function cite(citation: Citation): ResponseEvent[] {
    const annotation = writeCitation(citation, text.length);
    annotations.push(annotation);
    const annotation_index = annotations.length - 1;
    return [{ type: 'response.output_text.annotation.added', ...at, annotation_index, annotation }];
  }

  return {
    type: 'output_text',
    at,
    push(event) {
      if (event.type === 'text') return grow(event.text, []);
      if (event.type === 'logprobs') return grow('', event.tokens);
      return event.type === 'citation' ? cite(event.citation) : [];
    },
    done: () => ({ type: 'response.output_text.done', ...at, text, logprobs: [...logprobs] }),
    write: () => ({
      type: 'output_text',
      text,
      annotations: [...annotations],
      logprobs: [...logprobs],
    }),
  };
}

export function openRefusalPart(at: PartPlace): OpenPart {
  let refusal = '';
  return {
    type: 'refusal',
    at,
    push(event) {
      if (event.type !== 'refusal') return [];
      refusal += event.text;
      return [{ type: 'response.refusal.delta', ...at, delta: event.text }];
    },
    done: () => ({ type: 'response.refusal.done', ...at, refusal }),
    write: () => ({ type: 'refusal', refusal }),
  };
}

/** Without a stretch of its own a citation stands at the end of the text so far. */
function writeCitation({ url, title, start, end }: Citation, length: number): JsonObject {
  return {
    type: 'url_citation',
    url,
    title: title ?? url,
    start_index: start ?? length,
    end_index: end ?? length,
  };
}

function writeLogprob({ top, ...token }: TokenLogprob): JsonObject {
  return { ...writeToken(token), top_logprobs: top.map(writeToken) };
}

function writeToken({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): JsonObject {
  return { token, logprob, bytes: [...(bytes ?? Buffer.from(token))] };
}
