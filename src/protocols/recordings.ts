// What a recording in a request can be at the most, from its bytes alone: speech codecs need some bits
// for a second, and no provider counts more tokens for one than Gemini does.

/** Opus's lowest, https://www.rfc-editor.org/rfc/rfc6716#section-2.1.1: 6 kbit/s. */
export const LEAST_BYTES_PER_SECOND = 750;
/** What speech usually has: 64 kbit/s. */
export const USUAL_BYTES_PER_SECOND = 8_000;

/** https://ai.google.dev/gemini-api/docs/audio; OpenAI counts ten. */
const MOST_TOKENS_PER_SECOND = 32;
const USUAL_TOKENS_PER_SECOND = 10;

/** Of codecs that make less of silence than any bits a second tell (FLAC, Opus) nothing is bounded. */
const BOUNDED = Object.freeze([/^RIFF....WAVE/s, /^ID3/, /^\xff[\xe2\xe3\xf2\xf3\xfa\xfb]/]);
const HEAD_LETTERS = 16;

export interface HeardTokens {
  /** Undefined where only the model's own limit bounds them. */
  readonly most: number | undefined;
  readonly likely: number;
}

/** `head`: the first letters in base64, for a long text may be cut; `length`: of all of them. */
export function heardTokens(head: string, length: number): HeardTokens {
  const bytes = Math.ceil((length * 3) / 4);
  const start = Buffer.from(head.slice(0, HEAD_LETTERS), 'base64').toString('latin1');
  const isBounded = BOUNDED.some((form) => form.test(start));
  const most = Math.ceil((bytes / LEAST_BYTES_PER_SECOND) * MOST_TOKENS_PER_SECOND);
  return {
    most: isBounded ? most : undefined,
    likely: Math.ceil((bytes / USUAL_BYTES_PER_SECOND) * USUAL_TOKENS_PER_SECOND),
  };
}
