// What node's own parser makes of a provider's answer: llhttp in its strict mode, as node:http uses it.
// Interim answers are left out; of what follows the first answer only that it was there is kept.

import { createRequire } from 'node:module';

interface NodeParser {
  [callback: number]: unknown;
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  execute(bytes: Buffer): number | Error;
  finish(): Error | undefined;
}

interface NodeParserClass {
  new (): NodeParser;
  readonly RESPONSE: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly kLenientNone: number;
}

export interface OracleAnswer {
  status: number;
  /** Names and values in turn, as they came. */
  headers: readonly string[];
  keepAlive: boolean;
  /** The body so far: the first bytes of `body`. */
  bodyBytes: number;
  readonly body: Buffer;
  isComplete: boolean;
  /** A further message has begun. */
  hasMore: boolean;
  fault: string | undefined;
}

export interface AnswerOracle {
  /** The same object for every answer. */
  readonly answer: OracleAnswer;
  begin(): void;
  take(piece: Buffer): void;
  /** The provider has closed its side. */
  end(): void;
}

const MAX_HEADER_SIZE = 64 * 1024;
const OK = 200;
const NOTHING = {
  status: 0,
  headers: [],
  keepAlive: false,
  bodyBytes: 0,
  isComplete: false,
  hasMore: false,
  fault: undefined,
};

export function createAnswerOracle(maxBodyBytes: number): AnswerOracle {
  const common = createRequire(import.meta.url)('_http_common') as { HTTPParser: NodeParserClass };
  const { HTTPParser } = common;
  const parser = new HTTPParser();
  const resource = {};
  let flushed: string[] = [];
  const answer: OracleAnswer = { ...NOTHING, body: Buffer.alloc(maxBodyBytes) };

  // Fields come here first where there are many; those after the head are trailers.
  parser[HTTPParser.kOnHeaders] = (headers: string[]): void => {
    flushed.push(...headers);
  };
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    _minor: number,
    headers: string[] | undefined,
    _method: number,
    _url: string,
    status: number,
    _words: string,
    _upgrade: boolean,
    keepAlive: boolean,
  ): number => {
    if (answer.status >= OK) answer.hasMore = true;
    else {
      answer.status = status;
      answer.headers = headers ?? flushed;
      answer.keepAlive = keepAlive;
    }
    flushed = [];
    return 0;
  };
  parser[HTTPParser.kOnBody] = (bytes: Buffer): void => {
    if (answer.isComplete) return;
    bytes.copy(answer.body, answer.bodyBytes);
    answer.bodyBytes += bytes.length;
  };
  parser[HTTPParser.kOnMessageComplete] = (): void => {
    if (answer.status >= OK) answer.isComplete = true;
  };

  return {
    answer,
    begin() {
      parser.initialize(HTTPParser.RESPONSE, resource, MAX_HEADER_SIZE, HTTPParser.kLenientNone);
      flushed = [];
      Object.assign(answer, NOTHING);
    },
    take(piece) {
      if (answer.fault !== undefined) return;
      const taken = parser.execute(piece);
      if (typeof taken !== 'number') answer.fault = (taken as { code?: string }).code ?? 'fault';
    },
    end() {
      if (answer.fault !== undefined) return;
      const fault = parser.finish();
      if (fault) answer.fault = (fault as { code?: string }).code ?? 'fault';
    },
  };
}
