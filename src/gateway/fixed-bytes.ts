// Compares a stretch of bytes with known ones, eight at a time. A native comparison costs several times
// as much in the crossing alone, and one of strings goes character by character.

export interface FixedBytes {
  readonly length: number;
  /** Eight bytes each, read as a float: JSON has no bytes that make NaN or minus zero of them. */
  readonly words: Float64Array;
  /** The rest that fills no word. */
  readonly tail: Uint8Array;
}

const WORD = 8;

/** `text` has one character a byte. */
export function fixBytes(text: string): FixedBytes {
  const bytes = Buffer.from(text, 'latin1');
  const words = new Float64Array(Math.floor(bytes.length / WORD));
  for (let i = 0; i < words.length; i++) words[i] = bytes.readDoubleLE(i * WORD);
  return { length: bytes.length, words, tail: bytes.subarray(words.length * WORD) };
}

export function standsAt(
  { length, words, tail }: FixedBytes,
  bytes: DataView,
  at: number,
): boolean {
  if (at + length > bytes.byteLength) return false;
  let place = at;
  for (let i = 0; i < words.length; i++, place += WORD) {
    if (bytes.getFloat64(place, true) !== words[i]) return false;
  }
  for (let i = 0; i < tail.length; i++, place++) {
    if (bytes.getUint8(place) !== tail[i]) return false;
  }
  return true;
}
