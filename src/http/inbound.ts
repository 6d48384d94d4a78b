// One request from a client and the place of its answer, as narrow as the gateway needs it. Two ways
// lead here: node:http (node-inbound.ts), which takes everything, and the fast door (src/door/), which
// takes the plain case of the hot routes. What is said here holds for both.

import { HubError } from '../base/errors.ts';

export type Bytes = Buffer | string;

/** Lower-case names; a name that came several times is one text, joined as node:http does it. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Inbound {
  readonly method: string;
  /** As it came: path and query. */
  readonly url: string;
  /** May be the same object for requests of one connection whose heads say the same. */
  readonly headers: RequestHeaders;
  /** Of the other end of the connection; undefined when that has gone. */
  readonly peerAddress: string | undefined;
  /** What the head says of the body's length in bytes; undefined where it does not say. */
  readonly bodyLength: number | undefined;
  /**
   * The whole body, at once where it has come already; it can be read once. Throws `body_too_large` beyond `maxBytes`,
   * `client_closed` when the client leaves before its end.
   */
  readBody(maxBytes: number): Buffer | Promise<Buffer>;
  /** Whether the head of the answer has been sent or is ready to be sent with the first bytes. */
  readonly isBegun: boolean;
  /** Whether the connection is no more. */
  readonly isGone: boolean;
  /** Called once if the client goes before the answer has ended. */
  onGone: (() => void) | undefined;
  /** Called when the client has taken what `write` had to keep. */
  onDrain: (() => void) | undefined;
  /**
   * The head of an answer. `headers`: names and values in turn. Without `length` the body is of
   * unknown length; what follows goes out together with the head where it comes at once.
   */
  begin(status: number, headers: readonly string[], length?: number): void;
  /**
   * Returns false when the client cannot keep up: then wait for `onDrain`. Never write nothing. What is
   * written is the connection's from then on: it may be sent later, so it must not change any more.
   */
  write(bytes: Bytes): boolean;
  /** The last bytes, perhaps none. */
  end(bytes: Bytes): void;
  /**
   * A whole answer. Where the client is still sending, the rest of its request is taken and thrown
   * away within bounds, because it would find its connection broken instead of reading the answer;
   * https://www.rfc-editor.org/rfc/rfc9112#section-9.6
   */
  respond(status: number, headers: readonly string[], body: Buffer): void;
  /** Breaks the connection: what was sent so far is no whole answer. `onGone` is not called for it. */
  cut(): void;
}

export type InboundHandler = (inbound: Inbound) => void;

/** What `readBody` throws for a body beyond the limit. */
export function bodyTooLarge(maxBytes: number): HubError {
  return new HubError('body_too_large', {
    message: `The request body is larger than ${maxBytes} bytes.`,
  });
}
