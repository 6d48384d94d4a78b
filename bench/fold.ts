// A profile of V8 as a tree of calls with the samples of a span of time. Functions of one name and
// file are one, wherever they were called from in the same place of the tree; waiting is left out.

/** As `node --cpu-prof` writes it; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  /** Node ids, and the time from each sample to the one before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}

/** Whose code it is. */
export type Owner = 'hub' | 'package' | 'node' | 'engine';

export interface Frame {
  readonly name: string;
  /** `src/gateway/relay.ts:12`, `node:net:300`; empty for the engine's own. */
  readonly place: string;
  readonly owner: Owner;
  samples: number;
  readonly children: Map<string, Frame>;
}

const WAITING = new Set(['(idle)']);

/** The root's samples are those of all. */
export function foldProfile(profile: CpuProfile, fromMicros: number, toMicros: number): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const { id, children = [] } of profile.nodes) {
    for (const child of children) parents.set(child, id);
  }
  const root: Frame = { name: 'all', place: '', owner: 'engine', samples: 0, children: new Map() };
  let micros = profile.startTime;
  for (const [i, id] of profile.samples.entries()) {
    micros += profile.timeDeltas[i] ?? 0;
    if (micros < fromMicros || micros > toMicros) continue;
    const stack: ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = nodes.get(at);
      // The topmost is the profile's own root.
      if (node && parents.has(at)) stack.push(node);
    }
    if (!WAITING.has(stack[0]?.callFrame.functionName ?? '')) addStack(root, stack);
  }
  return root;
}

function addStack(root: Frame, stack: readonly ProfileNode[]): void {
  root.samples += 1;
  let frame = root;
  for (const { callFrame } of stack.toReversed()) {
    const { place, owner } = placeOf(callFrame.url, callFrame.lineNumber + 1);
    const name = callFrame.functionName || '(anonymous)';
    const key = `${name} ${place}`;
    const child = frame.children.get(key) ?? {
      name,
      place,
      owner,
      samples: 0,
      children: new Map(),
    };
    frame.children.set(key, child);
    child.samples += 1;
    frame = child;
  }
}

/** Paths from the project's root: where that is on this machine is nobody's business. */
function placeOf(url: string, line: number): { place: string; owner: Owner } {
  if (url === '') return { place: '', owner: 'engine' };
  if (url.startsWith('node:')) return { place: `${url}:${line}`, owner: 'node' };
  const inPackage = /\/node_modules\/(.+)$/.exec(url)?.[1];
  if (inPackage !== undefined) return { place: `${inPackage}:${line}`, owner: 'package' };
  const own = /\/((?:src|bin|scripts)\/.+)$/.exec(url)?.[1];
  return { place: `${own ?? 'elsewhere'}:${line}`, owner: 'hub' };
}
