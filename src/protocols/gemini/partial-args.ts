// Arguments that Vertex streams in pieces: each names its place by a JSON path and may be followed by
// more of the same text. https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/function-calling

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { writeForeignJson } from '../foreign-json.ts';

/** Bounds for what a provider sends; beyond them a piece is left out. */
const MAX_STEPS = 100;
const MAX_INDEX = 10_000;

export interface ArgumentAssembler {
  add(pieces: JsonValue | undefined): void;
  /** The object as JSON text. */
  json(): string;
}

export function assembleArguments(): ArgumentAssembler {
  const root: Container = emptyObject();
  return {
    add(pieces) {
      for (const value of arrayOf(pieces)) {
        const piece = objectOf(value) ?? {};
        const steps = readPath(stringOf(piece['jsonPath']) ?? '');
        if (steps !== undefined) put(root, steps, readValue(piece));
      }
    },
    json: () => writeForeignJson(root),
  };
}

type Step = string | number;
type Container = Record<Step, JsonValue>;

/** Without a prototype, so that no key means anything but itself. */
function emptyObject(): Container {
  return Object.create(null) as Container;
}

/** The steps of a path such as `$.a['b c'][0]`; undefined where it is none. */
function readPath(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: Step[] = [];
  const step = /\.([^.[\]]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null) return undefined;
    const [, name, index, single, double] = found;
    const isTooFar = steps.length === MAX_STEPS || Number(index ?? 0) > MAX_INDEX;
    if (isTooFar) return undefined;
    const quoted = (single ?? double)?.replace(/\\(.)/g, '$1');
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  return steps.length === 0 ? undefined : steps;
}

function readValue(piece: JsonObject): JsonValue {
  const { stringValue, numberValue, boolValue } = piece;
  return stringOf(stringValue) ?? (numberValue as number) ?? (boolValue as boolean) ?? null;
}

/** Texts grow, everything else is put in its place. */
function put(root: Container, steps: readonly Step[], value: JsonValue): void {
  let holder = root;
  for (const [i, step] of steps.slice(0, -1).entries()) {
    if (Array.isArray(holder) && typeof step !== 'number') return;
    let inner = holder[step];
    if (typeof inner !== 'object' || inner === null) {
      inner = typeof steps[i + 1] === 'number' ? [] : emptyObject();
      holder[step] = inner;
    }
    holder = inner as Container;
  }
  const last = steps.at(-1) ?? '';
  if (Array.isArray(holder) && typeof last !== 'number') return;
  const before = holder[last];
  holder[last] = typeof before === 'string' && typeof value === 'string' ? before + value : value;
}
