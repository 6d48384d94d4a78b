// The sandbox's moderation: a category is flagged where all words of its name stand in the text. What
// an image shows it does not see.

import { arrayOf, isObject, type JsonObject, type JsonValue, stringOf } from '../base/json.ts';
import { type DirectAnswer, invalid, json } from './direct-body.ts';
import { wordsOf } from './vectors.ts';

const CATEGORIES = Object.freeze([
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
]);

/** Of these the models look at images too. */
const OF_IMAGES: ReadonlySet<string> = new Set([
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'violence',
  'violence/graphic',
]);

const SCORES = Object.freeze({ flagged: 0.99, other: 0.01 });

/** A text is judged by itself, as each of a list of texts is; parts are judged together. */
export function moderate({ input }: JsonObject): DirectAnswer {
  const inputs = Array.isArray(input) && typeof input[0] === 'string' ? input : [input];
  return json({ id: 'modr-sandbox', model: 'moderate', results: inputs.map(judge) });
}

function judge(input: JsonValue | undefined): JsonObject {
  const parts = typeof input === 'string' ? [{ type: 'text', text: input }] : arrayOf(input);
  const kinds = new Set(parts.map((part) => (isObject(part) ? part['type'] : undefined)));
  const isKnown = [...kinds].every((kind) => kind === 'text' || kind === 'image_url');
  if (kinds.size === 0 || !isKnown) throw invalid('input', 'input must be texts or parts.');
  const text = parts.map((part) => (isObject(part) ? (stringOf(part['text']) ?? '') : ''));
  const words = new Set(wordsOf(text.join(' ')));
  const flagged = new Set(CATEGORIES.filter((name) => wordsOf(name).every((w) => words.has(w))));
  const each = (valueOf: (name: string) => JsonValue): JsonObject =>
    Object.fromEntries(CATEGORIES.map((name) => [name, valueOf(name)]));
  return {
    flagged: flagged.size > 0,
    categories: each((name) => flagged.has(name)),
    category_scores: each((name) => (flagged.has(name) ? SCORES.flagged : SCORES.other)),
    category_applied_input_types: each((name) => [
      ...(kinds.has('text') ? ['text'] : []),
      ...(kinds.has('image_url') && OF_IMAGES.has(name) ? ['image'] : []),
    ]),
  };
}
