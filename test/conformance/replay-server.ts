// The provider's end: one server for all recordings, which knows by the model that is asked for what to
// answer. Each piece is a chunk of its own on the wire, and connections are kept, so that thousands of
// cuts are tried in minutes. By hand, because Node's server joins small chunks.

import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Buffer[];
}

export interface ReplayServer {
  readonly baseUrl: string;
  /** The name of a model that gets this answer until it is forgotten. */
  offer(answer: Answer): string;
  forget(model: string): void;
  close(): Promise<void>;
}

const MODEL = /recorded-\d+/;
const NOTHING: Answer = { status: 404, headers: {}, pieces: [] };

export async function startReplayServer(): Promise<ReplayServer> {
  const answers = new Map<string, Answer>();
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    let read = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      for (let end = endOfRequest(read); end > 0; end = endOfRequest(read)) {
        const model = MODEL.exec(read.toString('latin1', 0, end))?.[0] ?? '';
        read = read.subarray(end);
        socket.write(writeAnswer(answers.get(model) ?? NOTHING));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    offer(answer) {
      const model = `recorded-${++count}`;
      answers.set(model, answer);
      return model;
    },
    forget: (model) => void answers.delete(model),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Where the first request ends; 0 while it is not there wholly. The hub always tells its length. */
function endOfRequest(read: Buffer): number {
  const head = read.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(read.toString('latin1', 0, head))?.[1];
  const end = head + 4 + Number(length ?? 0);
  return end <= read.length ? end : 0;
}

function writeAnswer({ status, headers, pieces }: Answer): Buffer {
  const names = { ...headers, 'transfer-encoding': 'chunked' };
  const lines = Object.entries(names).map(([name, value]) => `${name}: ${value}\r\n`);
  const chunks = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ]);
  const head = Buffer.from(`HTTP/1.1 ${status} As Recorded\r\n${lines.join('')}\r\n`);
  return Buffer.concat([head, ...chunks, Buffer.from('0\r\n\r\n')]);
}
