// One request's way over a connection, as the gateway holds it: the answer's head as a promise, the
// body to a receiver once there is one. When the call is over it lets go of the connection, which by
// then may carry the request of another.

import type { HubError } from '../base/errors.ts';
import type { AnswerHead } from './answer-head.ts';
import { type Caller, type Connection, cut, linger, pause, resume, send } from './connection.ts';
import { explain } from './failure.ts';
import type { Receiver, UpstreamAnswer, UpstreamCall } from './port.ts';

/** Sends the head and the body on a free connection. */
export function startCall(
  connection: Connection,
  head: string,
  body: readonly Buffer[],
): UpstreamCall {
  const answer = Promise.withResolvers<UpstreamAnswer>();
  let receiver: Receiver | undefined;
  /** What came before there was a receiver. */
  let early: Buffer[] = [];
  let isFinished = false;
  let ending: 'complete' | HubError | undefined;
  let isTold = false;

  function tellEnding(): void {
    if (!receiver || isTold || ending === undefined) return;
    isTold = true;
    if (ending === 'complete') receiver.end();
    else receiver.fail(ending);
  }

  function receive(next: Receiver): void {
    receiver = next;
    const chunks = early;
    early = [];
    let flows = true;
    for (const chunk of chunks) {
      if (!isFinished && !isTold) flows = next.data(chunk);
    }
    if (ending !== undefined) tellEnding();
    else if (flows || isFinished) resume(connection);
    else pause(connection);
  }

  function finish(): void {
    receiver = undefined;
    isFinished = true;
    early = [];
    if (ending === undefined) linger(connection);
  }

  const caller: Caller = {
    answered: (answerHead) => answer.resolve(answerOf(answerHead)),
    data(chunk) {
      // Who finishes while taking the last bytes must not hold up the end behind them.
      if (receiver) return receiver.data(chunk) || isFinished;
      if (isFinished) return true;
      // The receiver usually comes right after the read that brings the head.
      return early.push(chunk) === 1;
    },
    completed() {
      ending = 'complete';
      tellEnding();
    },
    failed(cause) {
      answer.reject(explain(cause, 'upstream_failed'));
      ending = explain(cause, 'upstream_broke_off');
      tellEnding();
    },
  };
  const answerOf = ({ status, contentType, retryAfter }: AnswerHead): UpstreamAnswer => ({
    status,
    contentType,
    retryAfter,
    receive,
    resume() {
      if (ending === undefined) resume(connection);
    },
    finish,
  });

  send(connection, caller, { head, body });
  return {
    answer: answer.promise,
    abort() {
      if (ending === undefined) cut(connection, new Error('cancelled'));
    },
  };
}
