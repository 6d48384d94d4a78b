// What node's own parser makes of the bytes of one connection: llhttp in its strict mode, as node:http
// uses it, without the objects that node:http builds of it.

import { createRequire } from 'node:module';

interface NodeParser {
  [callback: number]: unknown;
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  /** How many bytes were taken, or what was wrong with them. */
  execute(bytes: Buffer): number | Error;
}

interface NodeParsers {
  readonly HTTPParser: {
    new (): NodeParser;
    readonly REQUEST: number;
    readonly kOnHeaders: number;
    readonly kOnHeadersComplete: number;
    readonly kOnBody: number;
    readonly kOnMessageComplete: number;
    readonly kLenientNone: number;
  };
  readonly methods: readonly string[];
  readonly allMethods?: readonly string[];
}

export interface Judgement {
  /** Undefined where llhttp took all bytes. */
  fault: string | undefined;
  /** How many messages have begun with a whole head; the rest is of the first. */
  heads: number;
  complete: number;
  version: string;
  method: string;
  url: string;
  /** Names and values in turn, as they came. */
  headers: string[];
  keepAlive: boolean;
  upgrade: boolean;
  bodyBytes: number;
}

export interface Oracle {
  /** `pieces` are one connection's bytes as they come. The same object comes back each time. */
  judge(pieces: readonly Buffer[]): Judgement;
}

const MAX_HEADER_SIZE = 32 * 1024;

export function createOracle(): Oracle {
  const common = createRequire(import.meta.url)('_http_common') as NodeParsers;
  const { HTTPParser } = common;
  const methods = common.allMethods ?? common.methods;
  const parser = new HTTPParser();
  const resource = {};
  const seen = newJudgement();
  let early: string[] = [];

  parser[HTTPParser.kOnHeaders] = (headers: string[], url: string): void => {
    early.push(...headers);
    seen.url += url;
  };
  parser[HTTPParser.kOnHeadersComplete] = (
    major: number,
    minor: number,
    headers: string[] | undefined,
    method: number,
    url: string | undefined,
    _status: unknown,
    _message: unknown,
    upgrade: boolean,
    keepAlive: boolean,
  ): number => {
    seen.heads += 1;
    if (seen.heads > 1) return 0;
    seen.version = `${major}.${minor}`;
    seen.method = methods[method] ?? '';
    seen.url += url ?? '';
    seen.headers = headers ?? early;
    seen.keepAlive = keepAlive;
    seen.upgrade = upgrade;
    return 0;
  };
  parser[HTTPParser.kOnBody] = (bytes: Buffer): void => {
    if (seen.heads === 1) seen.bodyBytes += bytes.length;
  };
  parser[HTTPParser.kOnMessageComplete] = (): void => {
    seen.complete += 1;
  };

  return {
    judge(pieces) {
      Object.assign(seen, EMPTY);
      early = [];
      parser.initialize(HTTPParser.REQUEST, resource, MAX_HEADER_SIZE, HTTPParser.kLenientNone);
      for (const piece of pieces) {
        const taken = parser.execute(piece);
        if (taken === piece.length) continue;
        seen.fault = typeof taken === 'number' ? `took ${taken} bytes` : taken.message;
        break;
      }
      return seen;
    },
  };
}

const EMPTY = Object.freeze(newJudgement());

function newJudgement(): Judgement {
  return {
    fault: undefined,
    heads: 0,
    complete: 0,
    version: '',
    method: '',
    url: '',
    headers: [],
    keepAlive: false,
    upgrade: false,
    bodyBytes: 0,
  };
}
