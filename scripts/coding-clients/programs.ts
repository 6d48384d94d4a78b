// Programs from elsewhere, run in bounded time: each in a process group of its own, of which nothing is
// left at the end, whatever it started on its part.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface ProgramEnd {
  /** Null where a signal ended it, or it could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly timeoutMs: number;
  /** Aborted when nobody wants the end of it any more. */
  readonly signal: AbortSignal;
}

export async function runBounded(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  const { cwd, env, input = '', timeoutMs, signal } = options;
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const child = spawn(command, args, { cwd, env, stdio: [...stdio], detached: true });
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, timeout]);
  const onStop = (): void => endGroup(child);
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  // A program that does not read its input says so by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const code = await once(child, 'exit').then(
    ([exitCode]) => exitCode as number | null,
    () => null,
  );
  stop.removeEventListener('abort', onStop);
  // What it left behind would hold its outputs open.
  endGroup(child);
  const [stdout, stderr] = await outputs;
  return { code, stdout, stderr, timedOut: timeout.aborted && code === null };
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
