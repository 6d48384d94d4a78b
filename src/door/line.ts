// The state of a door, of a connection while the door has it, and of the one request that is under way
// on it. Shapes only: requests.ts and answers.ts change a request, connections.ts the rest.

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Inbound, InboundHandler } from '../http/inbound.ts';
import type { Head, IsHot } from './head.ts';

/** What all connections of a door share. */
export interface Ground {
  /** Its limits hold here too. */
  readonly server: Server;
  readonly isHot: IsHot;
  readonly serve: InboundHandler;
  /** Gives a connection to node:http. */
  readonly handOver: (socket: Socket) => void;
  readonly lines: Set<Line>;
  /** Of answers after which the connection stays. */
  readonly keepAliveText: string;
  /** How often the sweep has come by: a clock that costs a request nothing. */
  tick: number;
  isClosing: boolean;
  /** To be called when an answer has ended. */
  readonly answered: (line: Line) => void;
  /** Reads on, where reading was stopped. */
  readonly readOn: (line: Line) => void;
}

/**
 * `head`: waits for a request. `serving`: one is under way. `lingering`: it has its answer and is
 * still being sent. `closing`: nothing more is read. `left`: handed over, or no more.
 */
export type Phase = 'head' | 'serving' | 'lingering' | 'closing' | 'left';

export interface Line {
  readonly ground: Ground;
  readonly socket: Socket;
  readonly peerAddress: string | undefined;
  phase: Phase;
  /** The tick at which the phase began. */
  sinceTick: number;
  /** Whether a request was served already: from then on silence is no fault. */
  isKept: boolean;
  /** Of the latest request that was served. */
  head: Head | undefined;
  /** The beginning of a head that is not whole yet. */
  part: Buffer | undefined;
  /** In how many pieces that came. */
  parts: number;
  request: Request | undefined;
  /** What came behind the request that is being served. */
  behind: Buffer | undefined;
  /** Of a request that has its answer: how much was thrown away. */
  discarded: number;
  isPaused: boolean;
  /** Whether the socket's own timer watches that the client takes what it is sent. */
  isWatched: boolean;
  /** The next answer is the last one. */
  isLast: boolean;
}

export interface Request extends Inbound {
  readonly line: Line;
  readonly bodyLength: number;
  isBegun: boolean;
  isGone: boolean;
  isEnded: boolean;
  /** How much of the body has come. */
  received: number;
  /** What has come of it; longer than that while it grows. */
  body: Buffer | undefined;
  /** Somebody waits for the body. */
  waiting: PromiseWithResolvers<Buffer> | undefined;
  /** The head of the answer until it is sent. */
  answerHead: string;
  framing: 'chunked' | 'length' | 'none';
  /** How much of an answer of known length is still to come. */
  answerLeft: number;
}
