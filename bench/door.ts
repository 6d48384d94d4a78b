// What the fast door saves: `node bench/door.ts [--rounds N] [--requests N]`. The same small handler by
// both ways, each in a process of its own, measured in turns: processor time of that process for a
// request of 2 KB with a short JSON answer, with 32 KB in one write, and with 50 events, each alone.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { parseArgs } from 'node:util';
import { openDoor } from '../src/door/door.ts';
import type { Inbound, InboundHandler } from '../src/http/inbound.ts';
import { nodeInbound } from '../src/http/node-inbound.ts';

const PATH = '/v1/chat/completions';
const CONNECTIONS = 16;
const EVENTS = 50;
const WAYS = ['door', 'node:http'] as const;
const KINDS = ['json', 'canned', 'events'] as const;
type Kind = (typeof KINDS)[number];

const HEADERS = [
  'content-type',
  'application/json',
  'request-id',
  'req_0123456789abcdef0123456789',
  'cache-control',
  'no-store',
  'x-inferencehub-receipt',
  '/v1/receipts/req_0123456789abcdef0123456789',
  'x-inferencehub-provider',
  'sandbox',
  'x-inferencehub-model',
  'sandbox/echo',
];
const JSON_BODY = Buffer.alloc(664, 'a');
const CANNED_BODY = Buffer.alloc(32 * 1024, 'b');
const EVENT = Buffer.alloc(300, 'c');

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '20000' },
    way: { type: 'string' },
  },
});

if (values.way === undefined) await measure(Number(values.rounds), Number(values.requests));
else await serve(values.way);

async function measure(rounds: number, requests: number): Promise<void> {
  const servers = await Promise.all(WAYS.map(start));
  const micros = new Map<string, number[]>();
  // The first round warms both up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const kind of KINDS) {
      for (const { way, child, port } of servers) {
        const count = kind === 'events' ? Math.ceil(requests / 10) : requests;
        const before = await cpuMicros(child);
        await load(port, kind, count);
        const spent = ((await cpuMicros(child)) - before) / count;
        const key = `${kind} ${way}`;
        if (round > 0) micros.set(key, [...(micros.get(key) ?? []), spent]);
      }
    }
  }
  for (const kind of KINDS) {
    const [door, node] = WAYS.map((way) => median(micros.get(`${kind} ${way}`) ?? []));
    const figures = `door ${door?.toFixed(1)}, node:http ${node?.toFixed(1)} us CPU a request`;
    process.stdout.write(`${kind}: ${figures} (${((door ?? 0) / (node ?? 1)).toFixed(2)})\n`);
  }
  for (const { child } of servers) child.kill();
}

async function start(way: string): Promise<{ way: string; child: ChildProcess; port: number }> {
  const child = fork(import.meta.filename, ['--way', way]);
  const [port] = (await once(child, 'message')) as [number];
  return { way, child, port };
}

async function cpuMicros(child: ChildProcess): Promise<number> {
  child.send('usage');
  const [micros] = (await once(child, 'message')) as [number];
  return micros;
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
}

async function load(port: number, kind: Kind, count: number): Promise<void> {
  const request = requestOf(kind);
  let left = count;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      await once(socket, 'connect');
      for (; left > 0; left--) await ask(socket, request, kind);
      socket.destroy();
    }),
  );
}

/** Resolves when the answer has come: by its length, or at its last chunk. */
function ask(socket: Socket, request: Buffer, kind: Kind): Promise<void> {
  return new Promise((resolve) => {
    let wanted = 0;
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      if (wanted === 0) wanted = chunk.indexOf('\r\n\r\n') + 4 + JSON_BODY.length;
      bytes += chunk.length;
      const isEnd =
        kind === 'json' ? bytes >= wanted : chunk.toString('latin1').endsWith('0\r\n\r\n');
      if (!isEnd) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take);
    socket.write(request);
  });
}

function requestOf(kind: Kind): Buffer {
  const body = kind.padEnd(2_048, ' ');
  return Buffer.from(
    `POST ${PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n` +
      'Content-Type: application/json\r\nUser-Agent: OpenAI/JS 6.10.0\r\nX-Stainless-Lang: js\r\n' +
      'X-Stainless-Package-Version: 6.10.0\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\n' +
      'X-Stainless-Runtime: node\r\nAuthorization: Bearer test-0123456789abcdef\r\n' +
      `Connection: keep-alive\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

async function serve(way: string): Promise<void> {
  const handler: InboundHandler = (inbound) => void answer(inbound);
  const server = createServer((request, response) => handler(nodeInbound(request, response)));
  if (way === 'door') openDoor({ server, isHot: (_, path) => path === PATH, serve: handler });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.send?.((server.address() as AddressInfo).port);
}

async function answer(inbound: Inbound): Promise<void> {
  const body = await inbound.readBody(1_000_000);
  if (body[0] === 'j'.charCodeAt(0)) {
    inbound.respond(200, HEADERS, JSON_BODY);
    return;
  }
  inbound.begin(200, HEADERS);
  if (body[0] === 'c'.charCodeAt(0)) {
    inbound.write(CANNED_BODY);
    inbound.end('');
    return;
  }
  let left = EVENTS;
  const next = (): void => {
    inbound.write(EVENT);
    left -= 1;
    if (left > 0) setImmediate(next);
    else inbound.end('');
  };
  next();
}
