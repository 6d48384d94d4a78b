// The instruments are small programs in C, so that their own cost does not stand in the way. They
// are compiled when they are needed, into a cache whose file names follow from the sources.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('./load/', import.meta.url));
const CACHE = fileURLToPath(new URL('../node_modules/.cache/inferencehub-bench/', import.meta.url));
const OPTIONS = ['-O2', '-Wall', '-Wextra', '-std=gnu11'];

const PROGRAMS = Object.freeze({
  upstream: ['upstream.c', 'answers.c', 'chunks.c'],
  load: ['load.c', 'answer-reader.c', 'chunks.c', 'measures.c'],
  'cpu-time': ['cpu-time.c'],
});

export type ProgramName = keyof typeof PROGRAMS;

/** The path of the compiled program. Throws where there is no C compiler. */
export function findProgram(name: ProgramName): string {
  const path = join(CACHE, `${name}-${hashOfSources()}`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  // Another run may compile at the same time; a rename is all or nothing.
  const fresh = `${path}.${process.pid}`;
  const sources = PROGRAMS[name].map((file) => join(SOURCES, file));
  execFileSync('cc', [...OPTIONS, '-o', fresh, ...sources], { stdio: 'inherit' });
  renameSync(fresh, path);
  return path;
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(OPTIONS.join(' '));
  for (const file of readdirSync(SOURCES).toSorted()) {
    hash.update(readFileSync(join(SOURCES, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
