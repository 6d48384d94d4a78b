// Filler text of an exact length, always the same. ASCII only, so that bytes, characters and
// sandbox tokens convert into each other without a remainder.

const WORDS: readonly string[] = Object.freeze(
  (
    'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut ' +
    'labore et dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco ' +
    'laboris nisi aliquip ex ea commodo consequat'
  ).split(' '),
);
const CHARACTERS_PER_TOKEN = 4;
/** No word is shorter than two characters and a space, so this many always suffice. */
const WORDS_PER_TOKEN = 2;

/** Text of exactly this many sandbox tokens, ended by a full stop. */
export function loremTokens(tokens: number): string {
  if (tokens === 0) return '';
  const words = loremWords(tokens * WORDS_PER_TOKEN);
  return `${words.slice(0, tokens * CHARACTERS_PER_TOKEN - 1)}.`;
}

/** Text of this many words. */
export function loremWords(words: number): string {
  return Array.from({ length: words }, (_, i) => WORDS[i % WORDS.length]).join(' ');
}
