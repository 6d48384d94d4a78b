// How many tokens a recording can be: by its bytes where its form makes them tell, else by nothing.

import { expect, it } from 'vitest';
import { heardTokens } from '../../src/protocols/recordings.ts';

const base64 = (head: string) => Buffer.from(head.padEnd(24, '\0'), 'latin1').toString('base64');

it.each([
  ['WAV', 'RIFF\x24\x08\0\0WAVEfmt '],
  ['MP3 behind a tag', 'ID3\x03\0'],
  ['MP3', '\xff\xfb\x90'],
])('%s is as long as its bytes can last', (_, head) => {
  // 100 seconds at 6 kbit/s, and not ten at 64.
  expect(heardTokens(base64(head), 100_000)).toEqual({ most: 3_200, likely: 94 });
});

it.each([
  ['FLAC', 'fLaC\0\0'],
  ['Opus', 'OggS\0\x02'],
  ['AAC', '\xff\xf1\x50'],
  ['a RIFF that is no WAV', 'RIFF\x24\x08\0\0AVI LIST'],
  ['nothing known', ''],
])('%s may be hours of silence', (_, head) => {
  expect(heardTokens(base64(head), 100_000).most).toBeUndefined();
});
