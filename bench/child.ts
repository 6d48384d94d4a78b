// Programs that run beside a measurement: started, waited for and ended again, also when the run is
// interrupted.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 60_000;
const STOP_MS = 60_000;
const POLL_MS = 5;

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** What it has written so far. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const running = new Set<ChildProcess>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGTERM');
    setTimeout(() => process.exit(1), 1_000);
  });
}
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program; throws where there is none of that name. */
export async function startChild(
  [command, args]: readonly [string, readonly string[]],
  options: SpawnOptions = {},
): Promise<Child> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  await once(child, 'spawn');
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return {
    pid: child.pid ?? 0,
    process: child,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      if (!running.has(child)) return;
      child.kill(signal);
      const last = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(last);
    },
  };
}

/** Resolves with what `look` finds; throws what the child wrote when it ends or takes too long. */
export async function waitUntil<T>(
  child: Child,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const { exitCode, signalCode } = child.process;
    if (exitCode !== null || signalCode !== null || performance.now() > deadline) {
      throw new Error(`${child.process.spawnargs.join(' ')} did not start: ${child.output()}`);
    }
    await sleep(POLL_MS);
  }
}

/** True once something listens there, for `waitUntil`. */
export function isListening(port: number): Promise<true | undefined> {
  const { promise, resolve } = Promise.withResolvers<true | undefined>();
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(undefined));
  return promise.finally(() => socket.destroy());
}

export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
