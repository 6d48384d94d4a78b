// Reads what stands in the output items of a Responses answer into events: the whole content of a
// finished item, and the pieces that have no text of their own.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent, TokenLogprob } from '../../chat/events.ts';
import { readSeal, reasoningText } from './reasoning.ts';

/** The content of an item that came without deltas; `call` is its number where it is a call. */
export function readContent(item: JsonObject, call: number | undefined): ChatEvent[] {
  if (call !== undefined) {
    const json = stringOf(item['arguments']) ?? stringOf(item['input']) ?? '';
    return json === '' ? [] : [{ type: 'tool_arguments', call, json }];
  }
  if (item['type'] === 'message') return arrayOf(item['content']).flatMap(readPart);
  const text = item['type'] === 'reasoning' ? reasoningText(item) : '';
  return text === '' ? [] : [{ type: 'thinking', text }];
}

function readPart(value: JsonValue): ChatEvent[] {
  const part = objectOf(value);
  const refusal = stringOf(part?.['refusal']) ?? '';
  if (part?.['type'] === 'refusal') {
    return refusal === '' ? [] : [{ type: 'refusal', text: refusal }];
  }
  if (part?.['type'] !== 'output_text') return [];
  const text = stringOf(part['text']) ?? '';
  return [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...arrayOf(part['annotations']).flatMap(readAnnotation),
    ...readLogprobs(part['logprobs']),
  ];
}

/** What of a reasoning item its maker alone can read. */
export function readSealEvent(item: JsonObject): ChatEvent[] {
  const seal = item['type'] === 'reasoning' ? readSeal(item) : undefined;
  if (seal?.type === 'redacted_thinking') return [seal];
  const { signature, maker } = seal ?? {};
  if (signature === undefined || maker === undefined) return [];
  return [{ type: 'thinking_signature', signature, maker }];
}

/** Sources on the web; files of the provider's own mean nothing to anybody else. */
export function readAnnotation(value: JsonValue): ChatEvent[] {
  const annotation = objectOf(value);
  const url = stringOf(annotation?.['url']);
  if (annotation?.['type'] !== 'url_citation' || url === undefined) return [];
  const title = stringOf(annotation['title']);
  const { start_index: start, end_index: end } = annotation;
  return [
    {
      type: 'citation',
      citation: {
        url,
        ...(title !== undefined && { title }),
        ...(typeof start === 'number' && typeof end === 'number' && { start, end }),
      },
    },
  ];
}

export function readLogprobs(value: JsonValue | undefined): ChatEvent[] {
  const tokens = arrayOf(value).flatMap((each): TokenLogprob[] => {
    const token = readToken(each);
    if (token === undefined) return [];
    const top = arrayOf(objectOf(each)?.['top_logprobs']).flatMap(
      (other) => readToken(other) ?? [],
    );
    return [{ ...token, top }];
  });
  return tokens.length === 0 ? [] : [{ type: 'logprobs', tokens }];
}

function readToken(value: JsonValue): Omit<TokenLogprob, 'top'> | undefined {
  const entry = objectOf(value);
  const token = stringOf(entry?.['token']);
  const logprob = entry?.['logprob'];
  if (token === undefined || typeof logprob !== 'number') return undefined;
  const bytes = entry?.['bytes'];
  const isBytes = Array.isArray(bytes) && bytes.every((byte) => typeof byte === 'number');
  return { token, logprob, ...(isBytes && { bytes }) };
}
