// The sandbox's embeddings: unit vectors in which texts that share words lie near each other, so that
// a search over them finds what a reader would expect.

import { hash } from 'node:crypto';

/** The lower-case words of a text: letters and digits. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Each word adds one to the dimension of its hash; then the vector is scaled to length 1. */
export function embedText(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  const words = wordsOf(text);
  for (const word of words.length > 0 ? words : [text]) {
    const at = Number.parseInt(hash('sha256', word).slice(0, 8), 16) % dimensions;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
