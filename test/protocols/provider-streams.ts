// A stream in each provider's own dialect, with what it says above it: lines `name: JSON` up to `---`.
// What is left out is not said.

import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { TOKEN_CLASSES } from '../../src/chat/usage.ts';

const expectedShape = z.strictObject({
  text: z.string().default(''),
  thinking: z.string().default(''),
  calls: z.array(z.tuple([z.string(), z.string(), z.json()])).default([]),
  sources: z.array(z.string()).default([]),
  finish: z.string(),
  usage: z.partialRecord(z.enum(TOKEN_CLASSES), z.number()),
  units: z.record(z.string(), z.number()).optional(),
});

export interface ProviderStream {
  readonly expected: z.infer<typeof expectedShape>;
  readonly stream: string;
}

const FOLDER = new URL('fixtures/providers/', import.meta.url);

/** By provider id. */
export function readProviderStreams(): ReadonlyMap<string, ProviderStream> {
  const files = readdirSync(FOLDER).map((file): [string, ProviderStream] => [
    file.replace(/\.txt$/, ''),
    parse(readFileSync(new URL(file, FOLDER), 'utf8')),
  ]);
  return new Map(files);
}

function parse(text: string): ProviderStream {
  const end = text.indexOf('---\n');
  const lines = text.slice(0, end).split('\n').filter(Boolean);
  const named = lines.map((line): [string, unknown] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), JSON.parse(line.slice(colon + 2))];
  });
  return {
    expected: expectedShape.parse(Object.fromEntries(named)),
    stream: text.slice(end + '---\n'.length),
  };
}
