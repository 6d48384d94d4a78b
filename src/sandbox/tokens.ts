// The sandbox's token: four bytes of UTF-8, rounded up for each text. A rule that anyone can check
// by hand makes every bill of a test reproducible, which no real tokeniser would.

const BYTES_PER_TOKEN = 4;

export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/**
 * Cuts a text into its tokens, `countTokens(text)` of them. A code point is never cut: one that
 * straddles a token's end goes to the next token. Lazy, so that a capped answer to a huge prompt
 * splits no more than it sends.
 */
export function* splitTokens(text: string): Generator<string> {
  let start = 0;
  let bytes = 0;
  let tokenEnd = BYTES_PER_TOKEN;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) ?? 0;
    const size = utf8Bytes(point);
    if (bytes + size > tokenEnd) {
      yield text.slice(start, at);
      start = at;
      tokenEnd += BYTES_PER_TOKEN;
    }
    bytes += size;
    at += point > 0xffff ? 2 : 1;
  }
  if (start < text.length) yield text.slice(start);
}

function utf8Bytes(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
