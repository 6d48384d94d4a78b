// The form that every reader of the runner brings an answer to, and how it comes about. Words of a
// protocol's own stay beside what they mean, so that each pair of protocols can be compared.

/** Why an answer ended, whatever the protocol calls it. */
export type End =
  | 'natural'
  | 'stop_sequence'
  | 'length'
  | 'context_full'
  | 'calls'
  | 'paused'
  | 'refusal'
  | 'filter';

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface Reading {
  /** With refusals in words; of several answers all of it, one after the other. */
  readonly text: string;
  readonly thinking: string;
  /** Signatures and encrypted blocks, in their order. */
  readonly seals: readonly string[];
  readonly calls: readonly Call[];
  /** In the protocol's own word; empty where the answer never ended. */
  readonly finish: string;
  readonly end: End;
  /** Whether the model refused in words of its own. */
  readonly refused: boolean;
  /** Whether it is, or ends as, an error. */
  readonly failed: boolean;
  /** Disjoint counts by receipt line; zeros are left out. Undefined where none were told. */
  readonly tokens: Readonly<Record<string, number>> | undefined;
  /** Whether something was used that no price by the token covers. */
  readonly unpriced: boolean;
}

/** Foreign JSON: whatever is not there reads as undefined. */
export interface Loose {
  readonly [key: string]: Loose | undefined;
}

export type Counts = Record<string, number>;

interface OpenCall {
  id: string;
  name: string;
  json: string;
}

export interface Draft {
  text: string;
  thinking: string;
  readonly seals: string[];
  readonly calls: Map<unknown, OpenCall>;
  finish: string;
  end: End;
  refused: boolean;
  failed: boolean;
  tokens: Counts | undefined;
  unpriced: boolean;
}

export function openDraft(): Draft {
  return {
    text: '',
    thinking: '',
    seals: [],
    calls: new Map(),
    finish: '',
    end: 'natural',
    refused: false,
    failed: false,
    tokens: undefined,
    unpriced: false,
  };
}

/** The call of this key, opened where it is new. */
export function callOf({ calls }: Draft, key: unknown): OpenCall {
  const call = calls.get(key) ?? { id: '', name: '', json: '' };
  calls.set(key, call);
  return call;
}

export function addSeal({ seals }: Draft, value: Loose | undefined): void {
  if (textOf(value) !== '') seals.push(textOf(value));
}

export function closeDraft(draft: Draft): Reading {
  const calls = [...draft.calls.values()].map(({ id, name, json }) => {
    return { id, name, input: readArguments(json) };
  });
  const counts = Object.entries(draft.tokens ?? {}).filter(([, count]) => count !== 0);
  return {
    ...draft,
    calls,
    end: settleEnd(draft.end, calls.length > 0),
    tokens: draft.tokens && Object.fromEntries(counts),
  };
}

/** Some servers say `stop` after a call, or the reverse. */
function settleEnd(end: End, hasCalls: boolean): End {
  if (end === 'calls' && !hasCalls) return 'natural';
  return end === 'natural' && hasCalls ? 'calls' : end;
}

/** Where protocols whose arguments are objects carry the text of one that was cut off. */
const RAW = '_raw';

/** A model that was cut off leaves half an object; its text is all that can be compared. */
function readArguments(json: string): unknown {
  try {
    const input = JSON.parse(json.trim() || '{}') as { readonly [RAW]?: unknown } | null;
    const raw = input?.[RAW];
    return typeof raw === 'string' ? raw : input;
  } catch {
    return json;
  }
}

export function listOf(value: Loose | undefined): Loose[] {
  return Array.isArray(value) ? (value as Loose[]) : [];
}

export function textOf(value: Loose | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function isCount(value: Loose | undefined): boolean {
  return typeof value === 'number';
}

export function countOf(value: Loose | undefined): number {
  return typeof value === 'number' ? value : 0;
}
