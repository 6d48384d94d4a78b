// Compares a stretch of bytes with known ones, eight at a time. A native comparison costs several times
// as much in the crossing alone, and one of strings goes character by character.

export interface FixedBytes {
  readonly length: number;
  /** Eight bytes each, read as a float: JSON has no bytes that make NaN or minus zero of them. */
  readonly words: readonly number[];
  /** The rest that fills no word. */
  readonly tail: readonly number[];
}

const WORD = 8;

/** `text` has one character a byte. */
export function fixBytes(text: string): FixedBytes {
  const bytes = Buffer.from(text, 'latin1');
  const count = Math.floor(bytes.length / WORD);
  // Plain lists: a typed array has memory of its own to be managed, and each stream has its shape.
  const words = Array.from({ length: count }, (_, i) => bytes.readDoubleLE(i * WORD));
  return { length: bytes.length, words, tail: [...bytes.subarray(count * WORD)] };
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
