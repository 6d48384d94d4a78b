// The live feed of a workspace as server-sent events: hints that something changed, and a comment
// now and then, because proxies close silent connections. A stream ends when its reader has signed
// out, may no longer look, or reads too slowly; the browser comes back by itself.

import { PassThrough } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HubError, toHubError } from '../base/errors.ts';
import { formatSse } from '../base/sse.ts';
import { requireAccess } from './access.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const KEEP_ALIVE_MS = 20_000;
const MOST_BUFFERED_BYTES = 64 * 1024;
/** Open tabs and windows of one person. */
const MOST_STREAMS = 30;
const params = z.object({ workspaceId: z.string() });
const response = { 200: { content: { 'text/event-stream': { schema: z.unknown() } } } };

export function addEventRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const open = new Map<PassThrough, string>();
  let closing = false;

  app.get(
    '/workspaces/:workspaceId/events',
    { schema: { params, response } },
    async (request, reply) => {
      const { workspaceId } = request.params;
      const { person } = await requireAccess(deps, request, workspaceId, 'usage.read');
      if (closing) throw new HubError('shutting_down', { retryAfterSeconds: 1 });
      const own = [...open.values()].filter((personId) => personId === person.id);
      if (own.length >= MOST_STREAMS) throw new HubError('rate_limited', { retryAfterSeconds: 30 });
      const stream = feed(deps, workspaceId, () => mayStillRead(deps, request, workspaceId));
      open.set(stream, person.id);
      stream.on('close', () => open.delete(stream));
      return reply
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .type('text/event-stream')
        .send(stream);
    },
  );

  app.addHook('preClose', async () => {
    closing = true;
    for (const stream of open.keys()) stream.destroy();
  });
}

function feed(
  deps: ConsoleDeps,
  workspaceId: string,
  mayRead: () => Promise<boolean>,
): PassThrough {
  const stream = new PassThrough();
  const send = (text: string): void => {
    if (stream.writableLength + stream.readableLength > MOST_BUFFERED_BYTES) stream.destroy();
    else stream.write(text);
  };
  const forget = deps.changes.onChange(workspaceId, (what) =>
    send(formatSse(JSON.stringify({ what }), 'changed')),
  );
  const timer = setInterval(() => {
    // A database that is away ends no stream: the hints go on when it is back.
    mayRead().then(
      (may) => (may ? send(':\n\n') : stream.end()),
      () => send(':\n\n'),
    );
  }, deps.keepAliveMs ?? KEEP_ALIVE_MS);
  stream.on('close', () => {
    forget();
    clearInterval(timer);
  });
  // At once, so that the browser knows the stream is open.
  send(':\n\n');
  return stream;
}

/** Looks without touching: a forgotten tab must not keep its session alive for ever. */
async function mayStillRead(
  deps: ConsoleDeps,
  request: FastifyRequest,
  workspaceId: string,
): Promise<boolean> {
  try {
    await requireAccess(deps, request, workspaceId, 'usage.read', { untouched: true });
    return true;
  } catch (error) {
    if (toHubError(error).kind.owner === 'caller') return false;
    throw error;
  }
}
