// One connection to a provider: opens it, writes one request at a time, reads its answer, watches how
// long the other side is silent. There is no timer of its own: a reading only marks that something
// came, and a coarse sweep over all connections looks at the marks.

import { type OnReadOpts, type Socket, connect, isIP } from 'node:net';
import { type ConnectionOptions, type SecureContext, connect as connectTls } from 'node:tls';
import { SCRATCH_BYTES, sendScratch, takeScratch } from '../base/scratch.ts';
import type { AnswerHead } from './answer-head.ts';
import {
  type AnswerParser,
  createParser,
  parseEnd,
  parseRead,
  resetParser,
} from './answer-parser.ts';
import { connectTimeout, silenceTimeout } from './failure.ts';
import { CONNECT_TIMEOUT_MS, LINGER_MS, lengthOf, lookUpPublic } from './target.ts';

/** Where connections lead, and who keeps them. */
export interface Origin {
  readonly host: string;
  readonly port: number;
  /** Undefined for plain HTTP. */
  readonly secureContext: SecureContext | undefined;
  readonly privateNetwork: boolean;
  /** What the provider gave to shorten the next TLS handshake. */
  session: Buffer | undefined;
  /** The answer is complete and the connection may be used again. */
  rested(connection: Connection): void;
  closed(connection: Connection): void;
}

/** Whose request a connection carries. */
export interface Caller {
  answered(head: AnswerHead): void;
  /** Returns false when no more is wanted for now. The bytes are the caller's to keep. */
  data(chunk: Buffer): boolean;
  completed(): void;
  failed(cause: Error): void;
}

export interface Connection {
  readonly origin: Origin;
  readonly socket: Socket;
  readonly parser: AnswerParser;
  caller: Caller | undefined;
  /** Waits for the connection to come about. */
  unsent: Message | undefined;
  phase: 'connecting' | 'busy' | 'idle' | 'closed';
  paused: boolean;
  /** Something came since the last sweep. */
  stirred: boolean;
  silentSinceMs: number;
  /** When it is cut: the bound of connecting, of lingering, of idling. */
  deadlineMs: number;
}

interface Message {
  readonly head: string;
  readonly body: readonly Buffer[];
}

/** As undici has it: shorter than what providers are known to keep idle connections for. */
const USUAL_IDLE_MS = 4_000;
const LONGEST_IDLE_MS = 600_000;
/** A request sent at the last moment of a provider's hint would meet a closing connection. */
const IDLE_MARGIN_MS = 2_000;
const TCP_KEEP_ALIVE_MS = 60_000;
/**
 * All connections read into the same bytes, for each reading is dealt with before the next: no buffer
 * is made, shrunk and thrown away a read. On Windows a read may be under way before there is anything
 * to read, so that plain sockets cannot share there.
 */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);
const CAN_SHARE = process.platform !== 'win32';

export function openConnection(origin: Origin, nowMs: number): Connection {
  const isShared = CAN_SHARE || origin.secureContext !== undefined;
  const onread: OnReadOpts = {
    buffer: SHARED,
    callback(length) {
      takeRead(connection, SHARED, length, true);
      return true;
    },
  };
  const socket = openSocket(origin, isShared ? onread : undefined);
  const connection: Connection = {
    origin,
    socket,
    parser: createParser(),
    caller: undefined,
    unsent: undefined,
    phase: 'connecting',
    paused: false,
    stirred: false,
    silentSinceMs: nowMs,
    deadlineMs: nowMs + CONNECT_TIMEOUT_MS,
  };
  socket.on(origin.secureContext ? 'secureConnect' : 'connect', () => begin(connection));
  if (!isShared) {
    socket.on('data', (read: Buffer) => takeRead(connection, read, read.length, false));
  }
  socket.on('session', (session: Buffer) => (origin.session = session));
  socket.on('end', () => takeEnd(connection));
  socket.on('error', (error) => {
    // A session that the other side does not want any more must not fail every connection.
    if (connection.phase === 'connecting') origin.session = undefined;
    cut(connection, error);
  });
  socket.on('close', () => cut(connection, new Error('the provider closed the connection')));
  return connection;
}

function openSocket(origin: Origin, onread: OnReadOpts | undefined): Socket {
  const { host, port, secureContext, session } = origin;
  const options = {
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    ...(onread && { onread }),
    ...(!origin.privateNetwork && { lookup: lookUpPublic }),
  };
  if (!secureContext) return connect(options);
  const secure: ConnectionOptions = {
    ...options,
    secureContext,
    ALPNProtocols: ['http/1.1'],
    ...(session && { session }),
    // An address is no name that a certificate is asked for, RFC 6066 section 3.
    ...(isIP(host) === 0 && { servername: host }),
  };
  return connectTls(secure);
}

/** Sends a request on a connection that is free; it may still be connecting. */
export function send(connection: Connection, caller: Caller, message: Message): void {
  connection.caller = caller;
  if (connection.phase === 'connecting') connection.unsent = message;
  else write(connection, message);
}

/** Only now, with TLS when the certificate was found good, does the request leave. */
function begin(connection: Connection): void {
  const message = connection.unsent;
  connection.unsent = undefined;
  if (message && connection.phase === 'connecting') write(connection, message);
}

function write(connection: Connection, { head, body }: Message): void {
  const { socket } = connection;
  connection.phase = 'busy';
  connection.stirred = true;
  connection.deadlineMs = Number.POSITIVE_INFINITY;
  resetParser(connection.parser);
  const length = head.length + lengthOf(body);
  if (length > SCRATCH_BYTES) {
    socket.cork();
    socket.write(Buffer.from(head, 'latin1'));
    for (const part of body) socket.write(part);
    socket.uncork();
    return;
  }
  // TLS keeps what it is given until it is encrypted and sent.
  const isReused = connection.origin.secureContext === undefined;
  const message = isReused ? takeScratch(socket, length) : Buffer.allocUnsafe(length);
  let at = message.write(head, 0, 'latin1');
  for (const part of body) at += part.copy(message, at);
  if (isReused) sendScratch(socket, message);
  else socket.write(message);
}

function takeRead(connection: Connection, read: Buffer, length: number, isShared: boolean): void {
  const { parser, caller } = connection;
  if (!caller) return cut(connection, new Error('the provider sent what nobody asked for'));
  connection.stirred = true;
  const isBegun = parser.head !== undefined;
  parseRead(parser, read, length);
  if (parser.head && !isBegun) {
    // Identity was asked for; other bytes could be neither metered nor passed to every client.
    if (parser.head.encoded) return cut(connection, new Error('the provider encoded its answer'));
    caller.answered(parser.head);
  }
  const { from, to } = parser;
  if (to > from) {
    const flows = caller.data(isShared ? copyOf(read, from, to) : read.subarray(from, to));
    if (connection.caller !== caller) return;
    if (!flows) pause(connection);
  }
  if (parser.fault !== undefined) cut(connection, new Error(parser.fault));
  else if (parser.isComplete) rest(connection, caller);
}

function copyOf(read: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafe(to - from);
  read.copy(copy, 0, from, to);
  return copy;
}

function takeEnd(connection: Connection): void {
  const { parser, caller } = connection;
  if (caller && connection.phase === 'busy') {
    parseEnd(parser);
    if (parser.isComplete) return rest(connection, caller);
  }
  cut(connection, new Error(parser.fault ?? 'the provider closed the connection'));
}

/** The answer is complete: the connection waits for the next request, or is of no use any more. */
function rest(connection: Connection, caller: Caller): void {
  const { parser, socket, origin } = connection;
  const { head } = parser;
  const idleMs = head ? idleTime(head) : 0;
  connection.caller = undefined;
  // An answer that came before its request was all written leaves the rest of it in the way.
  if (parser.isClean && idleMs > 0 && socket.writableLength === 0) {
    connection.phase = 'idle';
    connection.deadlineMs = performance.now() + idleMs;
    resume(connection);
    origin.rested(connection);
  } else cut(connection, new Error('the connection is of no more use'));
  caller.completed();
}

function idleTime({ keepsAlive, keepAliveSeconds }: AnswerHead): number {
  if (!keepsAlive) return 0;
  if (keepAliveSeconds === undefined) return USUAL_IDLE_MS;
  return Math.min(keepAliveSeconds * 1_000 - IDLE_MARGIN_MS, LONGEST_IDLE_MS);
}

export function pause(connection: Connection): void {
  if (connection.paused) return;
  connection.paused = true;
  connection.socket.pause();
}

export function resume(connection: Connection): void {
  if (!connection.paused) return;
  connection.paused = false;
  connection.stirred = true;
  connection.socket.resume();
}

/** Lets an answer that nobody reads any more come to its end, but not for long. */
export function linger(connection: Connection): void {
  if (connection.parser.isComplete) return;
  connection.deadlineMs = performance.now() + LINGER_MS;
  resume(connection);
}

/** Closes it for good; a request that it carries fails with this. */
export function cut(connection: Connection, cause: Error): void {
  if (connection.phase === 'closed') return;
  const { caller } = connection;
  connection.phase = 'closed';
  connection.caller = undefined;
  connection.unsent = undefined;
  connection.socket.destroy();
  connection.origin.closed(connection);
  caller?.failed(cause);
}

/** One look of the sweep: what has been silent, connecting, lingering or idle for too long is cut. */
export function watch(connection: Connection, nowMs: number, silenceMs: number): void {
  if (nowMs >= connection.deadlineMs) {
    const isConnecting = connection.phase === 'connecting';
    cut(connection, isConnecting ? connectTimeout() : new Error('the connection is out of time'));
  } else if (connection.phase !== 'busy') return;
  else if (connection.stirred || connection.paused) {
    connection.stirred = false;
    connection.silentSinceMs = nowMs;
  } else if (nowMs - connection.silentSinceMs >= silenceMs) cut(connection, silenceTimeout());
}
