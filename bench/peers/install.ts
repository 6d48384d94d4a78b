// Puts a peer into a folder of its own under the cache, once for each recipe: whatever changes in the
// recipe (a version, a file, a command) makes a fresh folder. Nothing of it becomes part of this
// project: the peers come from their registries by their ordinary clients.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/bench-peers/', import.meta.url));
const WITHIN_MS = 45 * 60_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

export interface Recipe {
  /** Written into the folder first, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Run one after the other in the folder, at the lowest priority. */
  readonly commands: readonly (readonly string[])[];
}

/** The folder with the installed peer. Throws what a command wrote last where it fails. */
export async function install(name: string, recipe: Recipe): Promise<string> {
  const folder = join(CACHE, name);
  const stamp = join(folder, '.installed');
  const wanted = createHash('sha256').update(JSON.stringify(recipe)).digest('hex');
  const found = await readFile(stamp, 'utf8').catch(() => '');
  if (found === wanted) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(recipe.files ?? {})) {
    await writeFile(join(folder, file), text);
  }
  for (const command of recipe.commands) await runIn(folder, command);
  await writeFile(stamp, wanted);
  return folder;
}

async function runIn(folder: string, command: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('nice', ['-n', '19', ...command], {
      cwd: folder,
      timeout: WITHIN_MS,
      maxBuffer: OUTPUT_BYTES,
    });
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string };
    const last = stderr.trim().split('\n').slice(-3).join(' | ');
    throw new Error(`${command.join(' ')} failed: ${last || message}`, { cause: error });
  }
}
