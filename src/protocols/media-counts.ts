// Splits the two sides of a report into disjoint classes, where a provider counts sound and pictures
// inside of each. What a report does not tell apart is text.

import type { ReportedUsage } from '../chat/usage.ts';

type Input = NonNullable<ReportedUsage['input']>;
type Output = NonNullable<ReportedUsage['output']>;

/** Each a part of `whole`; those of sound and pictures hold what of them was read from a cache. */
export interface InputParts {
  readonly whole: number;
  readonly cached?: number | undefined;
  readonly written?: number | undefined;
  readonly audio?: number | undefined;
  readonly image?: number | undefined;
  readonly cachedAudio?: number | undefined;
  readonly cachedImage?: number | undefined;
}

/** Undefined where the parts exceed what they are parts of. */
export function splitInput(parts: InputParts): Input | undefined {
  const { whole, cached = 0, written = 0, audio = 0, image = 0 } = parts;
  const { cachedAudio = 0, cachedImage = 0 } = parts;
  const inUncached = whole - cached - written - (audio - cachedAudio) - (image - cachedImage);
  const inCacheRead = cached - cachedAudio - cachedImage;
  const isMedia = audio > 0 || image > 0 || cachedAudio > 0 || cachedImage > 0;
  if (inUncached < 0 || inCacheRead < 0) return undefined;
  if (isMedia && (cachedAudio > audio || cachedImage > image)) return undefined;
  const text = {
    inUncached,
    inCacheRead,
    inCacheWrite5m: 0,
    inCacheWrite1h: 0,
    inCacheWriteOther: written,
  };
  if (!isMedia) return text;
  return {
    ...text,
    inAudio: audio - cachedAudio,
    inAudioCacheRead: cachedAudio,
    inImage: image - cachedImage,
    inImageCacheRead: cachedImage,
  };
}

/** Each a part of `whole`. */
export interface OutputParts {
  readonly whole: number;
  readonly reasoning?: number | undefined;
  readonly audio?: number | undefined;
  readonly image?: number | undefined;
}

/** Undefined where the parts exceed the whole. */
export function splitOutput(parts: OutputParts): Output | undefined {
  const { whole, reasoning = 0, audio = 0, image = 0 } = parts;
  const outText = whole - reasoning - audio - image;
  if (outText < 0) return undefined;
  const text = { outText, outReasoning: reasoning };
  return audio > 0 || image > 0 ? { ...text, outAudio: audio, outImage: image } : text;
}
