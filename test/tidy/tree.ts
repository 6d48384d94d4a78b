// The project's own files as the tidy tests see them: path (from the root, with slashes) → text.
// Folders that tools write are skipped by name, so that a tree without git is read the same way.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Paths and texts; the checkers are pure functions over it. */
export type Tree = ReadonlyMap<string, string>;

const WRITTEN_BY_TOOLS = new Set(['node_modules', 'dist', 'data', 'coverage', '.git']);
const TEXT = /\.(ts|tsx|mjs|js|json|md|css|html|svg|sql|ya?ml|sh|txt)$|^[^.]+$|^\.[a-z]+$/;

/** Every text file below `folder` ('' is the root). */
export function readTree(folder = ''): Tree {
  const tree = new Map<string, string>();
  for (const path of listFiles(folder)) tree.set(path, readFileSync(join(ROOT, path), 'utf8'));
  return tree;
}

/** The files of a tree whose path matches. */
export function select(tree: Tree, pattern: RegExp): Tree {
  return new Map([...tree].filter(([path]) => pattern.test(path)));
}

function listFiles(folder: string): string[] {
  const absolute = join(ROOT, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return WRITTEN_BY_TOOLS.has(entry.name) ? [] : listFiles(path);
    return entry.isFile() && TEXT.test(entry.name) ? [path] : [];
  });
}
