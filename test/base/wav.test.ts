// How long a WAV file is, by headers that are right, odd or lies.

import { describe, expect, it } from 'vitest';
import { readWavSeconds, writeSilence } from '../../src/base/wav.ts';
import { chunkOf, riffOf, wavOf } from '../support/audio.ts';

interface Format {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly byteRate?: number;
}

function formatOf({
  tag = 1,
  channels = 1,
  rate = 8_000,
  bits = 16,
  byteRate = 0,
}: Format): Buffer {
  const content = Buffer.alloc(16);
  content.writeUInt16LE(tag, 0);
  content.writeUInt16LE(channels, 2);
  content.writeUInt32LE(rate, 4);
  content.writeUInt32LE(byteRate, 8);
  content.writeUInt16LE(bits, 14);
  return chunkOf('fmt ', content);
}

const SECOND = Buffer.alloc(16_000);

describe('the length of a WAV file', () => {
  it('is its samples by their rate', () => {
    expect(readWavSeconds(wavOf(24_000, 16_000))).toBe(1.5);
    expect(readWavSeconds(writeSilence(4_000, 8_000))).toBe(0.5);
    expect(readWavSeconds(wavOf(0))).toBe(0);
  });

  it('does not believe the byte rate that a header gives', () => {
    const file = riffOf(formatOf({ byteRate: 0xffffffff }), chunkOf('data', SECOND));
    expect(readWavSeconds(file)).toBe(1);
  });

  it('counts channels and the width of samples', () => {
    const stereo = riffOf(formatOf({ channels: 2, bits: 24 }), chunkOf('data', SECOND));
    expect(readWavSeconds(stereo)).toBe(16_000 / (8_000 * 2 * 3));
  });

  it('counts the samples alone, wherever other chunks stand', () => {
    const other = chunkOf('LIST', Buffer.alloc(333));
    expect(readWavSeconds(riffOf(formatOf({}), other, chunkOf('data', SECOND), other))).toBe(1);
  });

  it('adds up several chunks of samples', () => {
    const file = riffOf(formatOf({}), chunkOf('data', SECOND), chunkOf('data', SECOND));
    expect(readWavSeconds(file)).toBe(2);
  });

  it('reads to the end where a recorder was cut off', () => {
    const data = chunkOf('data', SECOND);
    for (const size of [0, 0xffffffff]) {
      data.writeUInt32LE(size, 4);
      expect(readWavSeconds(riffOf(formatOf({}), data))).toBe(1);
    }
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another kind of file', Buffer.from('ID3\u0004 and some music behind it')],
    ['a header alone', Buffer.from('RIFF\0\0\0\0WAVE')],
    ['compressed samples', riffOf(formatOf({ tag: 0x55 }), chunkOf('data', SECOND))],
    ['samples at a fancy rate', riffOf(formatOf({ rate: 4e9 }), chunkOf('data', SECOND))],
    ['no channel', riffOf(formatOf({ channels: 0 }), chunkOf('data', SECOND))],
    ['samples without bits', riffOf(formatOf({ bits: 0 }), chunkOf('data', SECOND))],
    ['a format cut short', riffOf(chunkOf('fmt ', Buffer.alloc(8)), chunkOf('data', SECOND))],
  ])('is not known of %s', (_, file) => {
    expect(readWavSeconds(file)).toBeUndefined();
  });
});
