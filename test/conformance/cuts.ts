// Where answers are cut: nowhere, at many places at once, or once at one place after another.

import { cutBytes, uncut } from '../clients/raw-provider.ts';

const HEAD_BYTES = 4_096;
const RANDOM_CUTS = 200;

export interface Cut {
  readonly name: string;
  readonly pieces: (bytes: Buffer) => Buffer[];
  /** One of hundreds: its receipt is not read, which takes longer than all the rest. */
  readonly isSingle?: true;
}

export const UNCUT: Cut = { name: 'uncut', pieces: uncut };

export const CUTS: readonly Cut[] = Object.freeze([
  { name: 'cut at every byte', pieces: (bytes: Buffer) => cutBytes(bytes, HEAD_BYTES) },
  { name: 'cut at random', pieces: (bytes: Buffer) => cutAt(bytes, randomPlaces(bytes.length)) },
]);

/** At most so many single cuts, spread over the first places and the random ones. */
export function singleCuts(length: number, most: number): Cut[] {
  const first = Array.from({ length: Math.min(HEAD_BYTES, length - 1) }, (_, i) => i + 1);
  const places = [...new Set([...first, ...randomPlaces(length)])];
  const step = Math.max(1, places.length / most);
  const chosen = Array.from({ length: Math.floor(places.length / step) }, (_, i) => i * step);
  return chosen.map((at) => {
    const place = places[Math.floor(at)]!;
    return {
      name: `cut at byte ${place}`,
      pieces: (bytes) => cutAt(bytes, [place]),
      isSingle: true,
    };
  });
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places, bytes.length];
  return ends
    .map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
    .filter((piece) => piece.length > 0);
}

/** The same ones for the same length. */
function randomPlaces(length: number): number[] {
  const places = new Set<number>();
  if (length < 2) return [];
  let state = length;
  for (let i = 0; i < RANDOM_CUTS; i++) {
    // https://en.wikipedia.org/wiki/Linear_congruential_generator, Numerical Recipes' constants.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    places.add(1 + (state % (length - 1)));
  }
  return [...places].sort((a, b) => a - b);
}
