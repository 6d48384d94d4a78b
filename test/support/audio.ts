// Recordings for tests, written byte by byte beside the code that reads them.

/** A WAV file of this many samples of silence: one channel, 16 bits. */
export function wavOf(samples: number, sampleRate = 16_000): Buffer {
  const data = Buffer.alloc(samples * 2);
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(1, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE(sampleRate * 2, 8);
  format.writeUInt16LE(2, 12);
  format.writeUInt16LE(16, 14);
  return riffOf(chunkOf('fmt ', format), chunkOf('data', data));
}

export function riffOf(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return chunkOf('RIFF', body);
}

export function chunkOf(name: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([
    Buffer.from(name, 'latin1'),
    length,
    content,
    Buffer.alloc(content.length % 2),
  ]);
}
