// How long a recording is, from its bytes alone. A WAV file of plain samples says it exactly; of any
// other file the bytes bound it, because speech codecs need some bits for a second.

import { readWavSeconds } from '../../base/wav.ts';
import { LEAST_BYTES_PER_SECOND, USUAL_BYTES_PER_SECOND } from '../recordings.ts';

export interface Duration {
  /** Whole seconds, begun ones counted, as providers bill. */
  readonly mostMs: number;
  /** Undefined where `mostMs` is exact. */
  readonly likelyMs: number | undefined;
}

export function measureDuration(file: Buffer): Duration {
  const exactSeconds = readWavSeconds(file);
  if (exactSeconds !== undefined) return { mostMs: wholeMs(exactSeconds), likelyMs: undefined };
  return {
    mostMs: wholeMs(file.length / LEAST_BYTES_PER_SECOND),
    likelyMs: wholeMs(file.length / USUAL_BYTES_PER_SECOND),
  };
}

function wholeMs(seconds: number): number {
  return Math.ceil(seconds) * 1_000;
}
