// Numbers that are no money: token counts and durations. Token classes always stand in the same
// order and colours, here and on every page.

import { exactCount } from './counts.ts';

const short = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  maximumSignificantDigits: 3,
});
const ABBREVIATED_FROM = 1_000_000;

/** A count: abbreviated from a million on, the exact one in the tooltip. */
export function Count({ value }: { value: number }) {
  if (value < ABBREVIATED_FROM) return <span className="mono">{exactCount(value)}</span>;
  return (
    <span className="mono" title={exactCount(value)}>
      {short.format(value)}
    </span>
  );
}

/** Milliseconds without a unit, which stands in the column's header; a dash when there are none. */
export function Millis({ value }: { value: number | null }) {
  if (value === null) return <span aria-label="none">–</span>;
  return <span className="mono">{exactCount(value)}</span>;
}

const CLASSES: Readonly<Record<string, { label: string; hue: string }>> = {
  inUncached: { label: 'Input', hue: 'input' },
  inCacheRead: { label: 'Cache read', hue: 'cache-read' },
  inCacheWrite5m: { label: 'Cache write, 5 min', hue: 'cache-write' },
  inCacheWrite1h: { label: 'Cache write, 1 h', hue: 'cache-write' },
  inCacheWriteOther: { label: 'Cache write', hue: 'cache-write' },
  inAudio: { label: 'Audio input', hue: 'input' },
  inAudioCacheRead: { label: 'Audio cache read', hue: 'cache-read' },
  inImage: { label: 'Image input', hue: 'input' },
  inImageCacheRead: { label: 'Image cache read', hue: 'cache-read' },
  outText: { label: 'Output', hue: 'output' },
  outReasoning: { label: 'Reasoning', hue: 'reasoning' },
  outAudio: { label: 'Audio output', hue: 'output' },
  outImage: { label: 'Image output', hue: 'output' },
  images: { label: 'Images', hue: 'output' },
  audioMs: { label: 'Audio, ms', hue: 'output' },
  characters: { label: 'Characters', hue: 'input' },
  searchUnits: { label: 'Search units', hue: 'input' },
};

/** Classes of tokens that are no text, in the order in which they are listed. */
export const MEDIA_CLASSES: readonly string[] = [
  'inAudio',
  'inAudioCacheRead',
  'inImage',
  'inImageCacheRead',
  'outAudio',
  'outImage',
];

export function labelOf(name: string): string {
  return CLASSES[name]?.label ?? name;
}

/** The name of a token class behind its colour. */
export function TokenClass({ name }: { name: string }) {
  const known = CLASSES[name];
  return (
    <span className="token-class">
      <span className={`token-swatch token-${known?.hue ?? 'input'}`} aria-hidden="true" />
      {labelOf(name)}
    </span>
  );
}
