// What Claude Code asks of its base URL beside the API: whether anybody is there, and where it may leave
// its telemetry. Both are answered without a key, so that it neither warns nor tries again; the telemetry
// tells of the customer's work, so nobody reads it.

import type { Inbound } from '../http/inbound.ts';

const HEADERS = Object.freeze(['content-type', 'application/json', 'cache-control', 'no-store']);
const HELLO = Buffer.from('{"message":"hello"}');
const TAKEN = Buffer.from('{}');

/** Answers and returns true where a request is one of these. */
export function answerCourtesy(inbound: Inbound, path: string): boolean {
  const body = courtesyFor(inbound.method, path);
  if (!body) return false;
  inbound.respond(200, HEADERS, body);
  return true;
}

function courtesyFor(method: string, path: string): Buffer | undefined {
  if (path === '/api/hello') return method === 'GET' || method === 'HEAD' ? HELLO : undefined;
  return method === 'POST' && path.startsWith('/api/event_logging/') ? TAKEN : undefined;
}
