// Sends a planned answer the way its model sends it: whole or streamed, to its end or, for the
// models that exist to fail, only so far.

import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../base/json.ts';
import { formatSse } from '../base/sse.ts';
import { waitWhole, writeSteps } from './delivery.ts';
import { REFUSALS, SERVER_ERROR } from './refusals.ts';
import type { Reply } from './wire.ts';
import { encodeStream, encodeWhole } from './wire.ts';

/** Settles when the answer is out. Rejects when `gone` aborts. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  gone: AbortSignal,
): Promise<void> {
  const { model, stream } = reply.request;
  const refusal = REFUSALS.get(model);
  if (refusal !== undefined) return sendJson(response, refusal.body, refusal);
  // The response stays open, with nothing behind it, until the client or the server closes it.
  if (model === 'fail-timeout') return;
  return stream ? sendStream(response, reply, gone) : sendWhole(response, reply, gone);
}

async function sendStream(
  response: ServerResponse,
  reply: Reply,
  gone: AbortSignal,
): Promise<void> {
  const { model, askedPaceMs } = reply.request;
  const parts = encodeStream(reply);
  const stopsHalfway = model === 'fail-mid-stream' || model === 'fail-error-event';
  const steps = stopsHalfway ? Math.ceil(parts.steps / 2) : parts.steps;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  await writeSteps(response, parts, { steps, askedPaceMs }, gone);
  if (model === 'fail-mid-stream') await breakOff(response, '');
  else if (model === 'fail-error-event') response.end(formatSse(JSON.stringify(SERVER_ERROR.body)));
  else response.end(parts.tail);
}

async function sendWhole(response: ServerResponse, reply: Reply, gone: AbortSignal): Promise<void> {
  const { request, answer } = reply;
  await waitWhole(answer.pieces.length, request.askedPaceMs, gone);
  if (request.model === 'fail-error-event') {
    sendJson(response, SERVER_ERROR.body, SERVER_ERROR);
  } else if (request.model === 'fail-mid-stream') {
    const body = Buffer.from(JSON.stringify(encodeWhole(reply)));
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': body.length,
    });
    await breakOff(response, body.subarray(0, body.length / 2));
  } else {
    sendJson(response, encodeWhole(reply));
  }
}

function sendJson(
  response: ServerResponse,
  body: JsonObject,
  head: { status: number; headers: Readonly<Record<string, string>> } = {
    status: 200,
    headers: {},
  },
): void {
  const text = JSON.stringify(body);
  response.writeHead(head.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...head.headers,
  });
  response.end(text);
}

/** Hands over what is still to be sent, then drops the connection without ending the answer. */
async function breakOff(response: ServerResponse, last: Buffer | string): Promise<void> {
  await new Promise<void>((resolve) => {
    response.write(last, () => resolve());
    response.once('close', () => resolve());
  });
  response.destroy();
}
