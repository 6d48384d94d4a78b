// The walls of the house as data: what each room may import, and the checkers that hold it. A room
// is a folder of src/ or a single file at its root; `types` may be imported as types only.

import { dirname, join } from 'node:path/posix';
import type { Tree } from './tree.ts';

interface Wall {
  readonly imports: readonly string[];
  readonly types?: readonly string[];
}

/** Everything: for the one file that wires the rooms together. */
const ALL = ['*'];

export const WALLS: Readonly<Record<string, Wall>> = Object.freeze({
  base: { imports: [] },
  chat: { imports: ['base'] },
  db: { imports: ['base'] },
  http: { imports: ['base'] },
  door: { imports: ['http', 'base'] },
  sandbox: { imports: ['base'] },
  protocols: { imports: ['chat', 'base'] },
  providers: { imports: ['base'], types: ['protocols'] },
  catalog: { imports: ['providers', 'sandbox', 'chat', 'db', 'base'], types: ['protocols'] },
  routing: { imports: ['catalog', 'providers', 'base'] },
  ledger: { imports: ['db', 'base'] },
  usage: { imports: ['ledger', 'chat', 'db', 'base'] },
  journal: { imports: ['usage', 'ledger', 'db', 'base'] },
  reconcile: { imports: ['usage', 'ledger', 'db', 'base'] },
  budgets: { imports: ['ledger', 'db', 'base'] },
  keys: { imports: ['db', 'base'], types: ['ledger'] },
  vault: { imports: ['db', 'base'] },
  mail: { imports: ['db', 'base'] },
  policy: { imports: ['base'] },
  identity: { imports: ['mail', 'policy', 'keys', 'vault', 'ledger', 'db', 'base'] },
  upstream: { imports: ['base'], types: ['providers'] },
  gateway: {
    imports: [
      'upstream',
      'protocols',
      'catalog',
      'routing',
      'providers',
      'keys',
      'vault',
      'budgets',
      'ledger',
      'journal',
      'usage',
      'http',
      'chat',
      'base',
    ],
    types: ['db'],
  },
  console: {
    imports: [
      'identity',
      'mail',
      'policy',
      'keys',
      'vault',
      'budgets',
      'reconcile',
      'ledger',
      'usage',
      'http',
      'db',
      'base',
    ],
  },
  jobs: {
    imports: [
      'mail',
      'identity',
      'budgets',
      'ledger',
      'reconcile',
      'usage',
      'catalog',
      'db',
      'base',
    ],
  },
  host: { imports: ['config.ts', 'identity', 'vault', 'catalog', 'http', 'db', 'base'] },
  'config.ts': { imports: ['providers', 'http', 'base'] },
  'app.ts': { imports: ALL },
  'main.ts': { imports: ['app.ts', 'config.ts', 'host', 'base'] },
  'cli.ts': { imports: ['config.ts', 'host', 'base'] },
});

/** The one part of the server that the pages may know: the shapes of its requests and replies. */
const WEB_CONTRACT = /^src\/console\/contract[^/]*\.ts$/;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every import that goes through a wall, and every room that the table does not know. */
export function findBreaches(tree: Tree, walls: Readonly<Record<string, Wall>> = WALLS): string[] {
  const imports = findImports(tree).flatMap((found) => {
    const reason = found.from.startsWith('web/') ? judgeWeb(found) : judgeRoom(found, walls);
    return reason === undefined ? [] : [`${found.from} imports ${found.to}: ${reason}`];
  });
  const rooms = new Set([...tree.keys()].map(roomOf).filter((room) => room !== undefined));
  const unknown = [...rooms].filter((room) => !(room in walls));
  return [...unknown.map((room) => `src/${room} is not in the table of walls`), ...imports];
}

function judgeWeb({ to, typeOnly }: Import): string | undefined {
  if (to.startsWith('web/')) return undefined;
  if (WEB_CONTRACT.test(to) && typeOnly) return undefined;
  return "the pages may import the console's contract only, as types";
}

function judgeRoom(
  { from, to, typeOnly }: Import,
  walls: Record<string, Wall>,
): string | undefined {
  const room = roomOf(from);
  const target = roomOf(to);
  if (room === undefined || room === target) return undefined;
  if (target === undefined) return 'it is outside src';
  const wall = walls[room];
  if (wall === undefined || wall.imports === ALL || wall.imports.includes(target)) return undefined;
  if (!wall.types?.includes(target)) return `${room} may not import ${target}`;
  return typeOnly ? undefined : `${room} may import ${target} as types only`;
}

/** Every circle of files once, as `a → b → a`. */
export function findCircles(tree: Tree): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of findImports(tree)) {
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return circles;
}

/** The relative imports of the TypeScript files in a tree, as paths from the root. */
export function findImports(tree: Tree): Import[] {
  const pattern =
    /(?:^|\n)\s*(import|export)(\s+type)?\b[^'";]*?\bfrom\s*'(\.[^']+)'|\bimport\s*\(?\s*'(\.[^']+)'/g;
  return [...tree]
    .filter(([path]) => /\.tsx?$/.test(path))
    .flatMap(([from, text]) =>
      [...text.matchAll(pattern)].map((match) => ({
        from,
        to: join(dirname(from), match[3] ?? match[4] ?? ''),
        typeOnly: match[2] !== undefined,
      })),
    );
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)/.exec(path)?.[1];
}
