// That the fast door reads no head otherwise than node's own parser: whatever it accepts, llhttp must
// accept, with the same meaning and the same end. What it does not accept node:http reads anyway.

import { type Head, type IsHot, readHead, repeatsHead } from '../../../src/door/head.ts';
import type { Findings } from '../part.ts';
import { type Random, randomFrom } from '../random.ts';
import { type Judgement, type Oracle, createOracle } from './head-oracle.ts';
import { HOT_PATHS, randomText, repeatText } from './head-texts.ts';

const MOST_SHOWN = 10;
/** Of the heads that the door leaves to node:http, one in so many is shown to llhttp, to count. */
const COUNT_FOREIGN_EVERY = 64;

const isHot: IsHot = (method, path) => method === 'POST' && HOT_PATHS.has(path);
const room = Buffer.alloc(128 * 1024);

interface Run {
  readonly random: Random;
  readonly oracle: Oracle;
  /** The last text that was accepted, with what the door keeps of it. */
  latest: { readonly text: string; readonly head: Head } | undefined;
  accepted: number;
  repeated: number;
  split: number;
  shown: number;
  /** Of those shown, how many llhttp takes. */
  taken: number;
  readonly violations: string[];
}

/** Reads `count` heads both ways; the same seed makes the same heads. */
export function proveHeads(count: number, seed: number): Findings {
  const run: Run = {
    random: randomFrom(seed),
    oracle: createOracle(),
    latest: undefined,
    accepted: 0,
    repeated: 0,
    split: 0,
    shown: 0,
    taken: 0,
    violations: [],
  };
  for (let done = 0; done < count && run.violations.length < MOST_SHOWN; done++) {
    const { latest, random } = run;
    const text = latest && random.chance(3) ? repeatText(latest.text, random) : randomText(random);
    proveText(run, text);
  }
  const share = run.shown === 0 ? 0 : Math.round((100 * run.taken) / run.shown);
  return {
    violations: run.violations,
    figures: [
      `${run.accepted} of ${count} heads accepted, ${run.repeated} of them known again`,
      `${run.split} of them came in pieces`,
      `of what is left to node:http, llhttp takes ${share} %`,
    ],
  };
}

function proveText(run: Run, text: string): void {
  const bytes = room.subarray(0, room.write(text, 0, 'latin1'));
  const complain = (what: string): void => {
    run.violations.push(`${what}: ${JSON.stringify(text)}`);
  };
  const reading = readHead(bytes, isHot);
  const isKnown = run.latest !== undefined && repeatsHead(run.latest.head, bytes);
  if (typeof reading === 'string') {
    if (isKnown) complain('the door knows again what it does not read');
    countForeign(run, bytes);
    return;
  }
  if (isKnown && run.latest) {
    run.repeated += 1;
    if (!isSame(run.latest.head, reading)) complain('a head known again is not what is read');
  }
  run.latest = { text, head: reading };
  const pieces = cutUp(run.random, bytes);
  if (pieces.length > 1) {
    run.split += 1;
    const early = readHead(pieces[0]!, isHot);
    const isWhole = pieces[0]!.length >= reading.length;
    if (isWhole !== (typeof early === 'object') || early === 'foreign') {
      complain(`the first ${pieces[0]!.length} bytes are read otherwise than all`);
    }
  }
  // Bytes behind the body: all of it is node:http's.
  if (bytes.length > reading.length + reading.bodyLength) return;
  run.accepted += 1;
  const fault = compare(reading, bytes.length, run.oracle.judge(pieces));
  if (fault !== undefined) complain(fault);
}

function countForeign(run: Run, bytes: Buffer): void {
  if (!run.random.chance(COUNT_FOREIGN_EVERY)) return;
  run.shown += 1;
  const { fault, heads } = run.oracle.judge([bytes]);
  if (fault === undefined && heads > 0) run.taken += 1;
}

/** Mostly whole, as it comes; sometimes in two pieces. */
function cutUp(random: Random, bytes: Buffer): Buffer[] {
  if (!random.chance(8) || bytes.length < 2) return [bytes];
  const at = 1 + random.below(bytes.length - 1);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

function isSame(a: Head, b: Head): boolean {
  return (
    a.url === b.url &&
    a.length === b.length &&
    a.bodyLength === b.bodyLength &&
    a.keepAlive === b.keepAlive &&
    JSON.stringify(a.headers) === JSON.stringify(b.headers)
  );
}

/** Where the two readings differ, in words. `size`: of all bytes. */
function compare(head: Head, size: number, seen: Judgement): string | undefined {
  const isWhole = size === head.length + head.bodyLength;
  if (seen.fault !== undefined) return `llhttp refuses it (${seen.fault})`;
  if (seen.heads !== 1) return `llhttp sees ${seen.heads} heads`;
  if (seen.complete !== Number(isWhole)) return `llhttp sees ${seen.complete} whole messages`;
  if (seen.bodyBytes !== size - head.length) return `llhttp sees ${seen.bodyBytes} bytes of body`;
  if (seen.version !== '1.1' || seen.method !== 'POST') return `${seen.method} ${seen.version}`;
  if (seen.upgrade) return 'llhttp sees an upgrade';
  if (seen.url !== head.url) return `llhttp sees the URL ${seen.url}`;
  if (seen.keepAlive !== head.keepAlive) return `llhttp keeps the connection: ${seen.keepAlive}`;
  return compareHeaders(head, seen.headers);
}

function compareHeaders({ headers, bodyLength }: Head, raw: readonly string[]): string | undefined {
  let count = 0;
  for (const name in headers) if (headers[name] !== undefined) count += 1;
  if (raw.length !== 2 * (count + 1)) return `llhttp sees ${raw.length / 2} headers`;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    const wanted = name === 'content-length' ? String(bodyLength) : headers[name];
    if (value !== wanted) return `llhttp sees ${name}: ${JSON.stringify(value)}`;
  }
  return undefined;
}
