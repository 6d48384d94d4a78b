// How long a recording is, from its bytes alone. A WAV file of plain samples says it exactly; of any
// other file the bytes bound it, because speech codecs need some bits for a second.

import { readWavSeconds } from '../../base/wav.ts';

/** Opus's lowest, https://www.rfc-editor.org/rfc/rfc6716#section-2.1.1: 6 kbit/s. */
const LEAST_BYTES_PER_SECOND = 750;
/** What speech usually has: 64 kbit/s. */
const USUAL_BYTES_PER_SECOND = 8_000;

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
