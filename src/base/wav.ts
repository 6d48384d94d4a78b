// WAV files of plain samples: how long one is, and a silent one of a given length.
// https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html

const HEADER_BYTES = 44;
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** Beyond these a header is a fancy, not a recording. */
const SAMPLE_RATES = Object.freeze({ least: 4_000, most: 192_000 });

/** Exact to the sample; undefined for whatever is no WAV file of plain samples. */
export function readWavSeconds(file: Buffer): number | undefined {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  if (file.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let bytesPerSecond: number | undefined;
  let dataBytes = 0;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    const rest = file.length - at - 8;
    const told = file.readUInt32LE(at + 4);
    // A recorder that was cut off leaves 0 in its last chunk; players then read to the end.
    const size = name === 'data' && told === 0 ? rest : Math.min(told, rest);
    if (name === 'fmt ') bytesPerSecond = readByteRate(file.subarray(at + 8, at + 8 + size));
    if (name === 'data') dataBytes += size;
    at += 8 + size + (size % 2);
  }
  return bytesPerSecond === undefined ? undefined : dataBytes / bytesPerSecond;
}

/** From rate, channels and sample size; the field that repeats their product may say anything. */
function readByteRate(format: Buffer): number | undefined {
  if (format.length < 16) return undefined;
  const tag = format.readUInt16LE(0);
  const coding = tag === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : tag;
  if (coding !== PCM && coding !== FLOAT) return undefined;
  const channels = format.readUInt16LE(2);
  const sampleRate = format.readUInt32LE(4);
  const sampleBytes = Math.ceil(format.readUInt16LE(14) / 8);
  if (sampleRate < SAMPLE_RATES.least || sampleRate > SAMPLE_RATES.most) return undefined;
  const isPlain = channels >= 1 && channels <= 8 && sampleBytes >= 1 && sampleBytes <= 8;
  return isPlain ? sampleRate * channels * sampleBytes : undefined;
}

/** One channel of silence in samples of 8 bits. */
export function writeSilence(samples: number, sampleRate: number): Buffer {
  const file = Buffer.alloc(HEADER_BYTES + samples, 0x80);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(HEADER_BYTES - 8 + samples, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(PCM, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples, 40);
  return file;
}
