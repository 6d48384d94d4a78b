// That the raw client reads no answer otherwise than node's own parser: whatever its parser accepts,
// llhttp accepts, with the same meaning, the same body and the same end. What it refuses is its own.

import {
  type AnswerParser,
  createParser,
  parseEnd,
  parseRead,
  resetParser,
} from '../../../src/upstream/answer-parser.ts';
import type { AnswerHead } from '../../../src/upstream/answer-head.ts';
import type { Findings } from '../part.ts';
import { type Random, randomFrom } from '../random.ts';
import { type AnswerOracle, type OracleAnswer, createAnswerOracle } from './answer-oracle.ts';
import { randomAnswer } from './answer-texts.ts';

const MOST_SHOWN = 10;
const ROOM_BYTES = 64 * 1024;
/** Longer answers than this do not come byte by byte: it would take the time of a hundred others. */
const LONGEST_DRIP = 300;

interface Run {
  readonly random: Random;
  readonly oracle: AnswerOracle;
  readonly wire: Buffer;
  /** Like the buffer that all connections read into: behind a reading lies what was read before. */
  readonly room: Buffer;
  readonly body: Buffer;
  bodyBytes: number;
  /** Used for the next answer after one that ended well, as on a connection. */
  parser: AnswerParser;
  accepted: number;
  /** Of those that were not accepted, how many llhttp takes. */
  stricter: number;
  reused: number;
  split: number;
  readonly violations: string[];
}

/** Reads `count` answers both ways; the same seed makes the same answers. */
export function proveAnswers(count: number, seed: number): Findings {
  const run: Run = {
    random: randomFrom(seed),
    oracle: createAnswerOracle(ROOM_BYTES),
    wire: Buffer.alloc(ROOM_BYTES),
    room: Buffer.alloc(ROOM_BYTES),
    body: Buffer.alloc(ROOM_BYTES),
    bodyBytes: 0,
    parser: createParser(),
    accepted: 0,
    stricter: 0,
    reused: 0,
    split: 0,
    violations: [],
  };
  for (let done = 0; done < count && run.violations.length < MOST_SHOWN; done++) {
    proveText(run, randomAnswer(run.random));
  }
  return {
    violations: run.violations,
    figures: [
      `${run.accepted} of ${count} answers accepted, ${run.reused} of them on a used connection`,
      `${run.split} came in pieces; ${run.stricter} were refused that llhttp takes`,
    ],
  };
}

function proveText(run: Run, text: string): void {
  const { random, oracle, wire } = run;
  const isReused = run.parser.isComplete;
  if (isReused) resetParser(run.parser);
  const { parser } = run;
  run.bodyBytes = 0;
  oracle.begin();
  const length = wire.write(text, 0, 'latin1');
  const stride = strideOf(random, length);
  if (stride < length) run.split += 1;
  let at = 0;
  let fault: string | undefined;
  while (at < length && fault === undefined) {
    const to = Math.min(length, at + (stride === 1 ? 1 : 1 + random.below(2 * stride)));
    takePiece(run, at, to);
    oracle.take(wire.subarray(at, to));
    fault = compareSoFar(run, oracle.answer);
    at = to;
  }
  if (!parser.isComplete) parseEnd(parser);
  oracle.end();
  fault ??= compareAtEnd(run, oracle.answer);
  if (stride < length) fault ??= compareWithWhole(run, length);
  if (fault !== undefined) {
    run.violations.push(`${fault}, every ${stride} bytes: ${JSON.stringify(text)}`);
  }
  if (parser.isComplete) {
    run.accepted += 1;
    if (isReused) run.reused += 1;
  } else if (oracle.answer.isComplete && oracle.answer.fault === undefined) run.stricter += 1;
  if (!isGood(parser)) run.parser = createParser();
}

/** How an answer was cut into readings must not matter. */
function compareWithWhole({ parser, wire, room, bodyBytes }: Run, length: number) {
  const whole = createParser();
  wire.copy(room, 0, 0, length);
  parseRead(whole, room, length);
  const wholeBytes = whole.to - whole.from;
  if (!whole.isComplete) parseEnd(whole);
  if (isGood(whole) !== isGood(parser) || whole.isComplete !== parser.isComplete) {
    return `other when it comes whole (${whole.fault}, ${parser.fault})`;
  }
  return whole.isComplete && wholeBytes !== bodyBytes ? 'longer or shorter in pieces' : undefined;
}

/** How many bytes come at once, about. */
function strideOf(random: Random, length: number): number {
  if (random.chance(3))
    return random.chance(8) && length < LONGEST_DRIP ? 1 : 8 + random.below(200);
  return length;
}

/** As the connection does it: what follows a fault or the end is not read. */
function takePiece(run: Run, from: number, to: number): void {
  const { parser, wire, room, body } = run;
  if (parser.fault !== undefined) return;
  wire.copy(room, 0, from, to);
  parseRead(parser, room, to - from);
  room.copy(body, run.bodyBytes, parser.from, parser.to);
  run.bodyBytes += parser.to - parser.from;
}

function isGood({ isComplete, isClean, head }: AnswerParser): boolean {
  return isComplete && isClean && head?.keepsAlive === true;
}

/** What was taken so far has been passed on, so that it must be right even if the rest is refused. */
function compareSoFar({ parser, body, bodyBytes }: Run, oracle: OracleAnswer): string | undefined {
  const { head } = parser;
  if (!head) return undefined;
  const fault = compareHeads(head, oracle);
  if (fault !== undefined) return fault;
  const common = Math.min(bodyBytes, oracle.bodyBytes);
  if (body.compare(oracle.body, 0, common, 0, common) !== 0) return 'the bodies differ';
  // Where one of them has refused, the other may have taken more.
  if (parser.fault === undefined && bodyBytes !== oracle.bodyBytes) {
    return `${bodyBytes} bytes of body where llhttp has ${oracle.bodyBytes} (${oracle.fault})`;
  }
  if (parser.isComplete && !oracle.isComplete) return `the end is early (${oracle.fault})`;
  return undefined;
}

function compareHeads(head: AnswerHead, oracle: OracleAnswer): string | undefined {
  if (head.status !== oracle.status) return `status ${head.status}, llhttp ${oracle.status}`;
  if (head.keepsAlive && !oracle.keepAlive) return 'llhttp would not keep the connection';
  if (head.contentType !== (valueOf(oracle, 'content-type') ?? '')) return 'the types differ';
  if (head.retryAfter !== valueOf(oracle, 'retry-after')) return 'the retry-afters differ';
  const coding = valueOf(oracle, 'content-encoding') ?? 'identity';
  if (!head.encoded && coding.toLowerCase() !== 'identity') return 'the codings differ';
  return undefined;
}

function valueOf({ headers }: OracleAnswer, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const given = headers[i]!;
    if (given.length === name.length && given.toLowerCase() === name) {
      return headers[i + 1]!.replace(/^[ \t]+|[ \t]+$/g, '');
    }
  }
  return undefined;
}

function compareAtEnd({ parser, bodyBytes }: Run, oracle: OracleAnswer): string | undefined {
  if (!parser.isComplete) return undefined;
  if (!oracle.isComplete) return `llhttp sees no end (${oracle.fault})`;
  if (bodyBytes !== oracle.bodyBytes) return `${bodyBytes} bytes, llhttp ${oracle.bodyBytes}`;
  if (!isGood(parser)) return undefined;
  return oracle.hasMore || oracle.fault !== undefined
    ? `the connection is kept where llhttp has more (${oracle.fault})`
    : undefined;
}
