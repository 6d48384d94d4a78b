// A hub as a real process, the way an operator runs it: its own folder, its own port, settings by
// environment, stopped by signals. The embedded database starts from a copy of one that was made
// once, because making it anew takes seconds.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { HUB_NODE_ARGS } from '../../scripts/lib/node-args.mjs';
import { assert } from '../../src/base/errors.ts';
import { embeddedDatabaseDir } from '../../src/host/data-dir.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_MS = 30_000;

export interface HubOptions {
  /** Settings beyond the folder and the port. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder that was used before; it is then kept at the end. */
  readonly dataDir?: string;
}

export interface Bootstrapped {
  readonly baseUrl: string;
  readonly email: string;
  readonly workspaceId: string;
  readonly liveKey: string;
  readonly testKey: string;
}

export interface Hub {
  readonly baseUrl: string;
  readonly dataDir: string;
  /** The one-time link of the first operator; undefined once there is one. */
  readonly welcomeUrl: string | undefined;
  /** Everything that the process has written so far. */
  output(): string;
  /** An operator with this balance, by the command line, as anybody would make one. */
  bootstrap(grantUsd: string): Promise<Bootstrapped>;
  /** SIGKILL; resolves when the process is gone. The folder stays. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. The folder stays. */
  terminate(): Promise<number | null>;
  /** Stops the process, if it runs, and removes a folder that was made here. */
  stop(): Promise<void>;
}

/** Starts a hub and waits until it serves; throws what it wrote when it does not. */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const dataDir = options.dataDir ?? (await makeDataDir(options.env));
  const env = { ...cleanEnvironment(), DATA_DIR: dataDir, PORT: '0', ...options.env };
  // With a channel to it the hub ends by itself, should the test runner be killed.
  const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
  const args = [...HUB_NODE_ARGS, 'src/main.ts'];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: [...stdio] });
  const { stdout, stderr } = child;
  assert(stdout && stderr, 'both outputs are pipes');
  const exited = once(child, 'exit');
  let output = '';
  stdout.on('data', (chunk) => void (output += chunk));
  stderr.on('data', (chunk) => void (output += chunk));
  const baseUrl = await waitForAddress(child, stdout, () => output);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  };
  return {
    baseUrl,
    dataDir,
    welcomeUrl: /\S+\/welcome#\S+/.exec(output)?.[0],
    output: () => output,
    bootstrap: (grantUsd) => bootstrap(env, grantUsd),
    kill: () => end('SIGKILL').then(() => undefined),
    terminate: () => end('SIGTERM'),
    async stop() {
      await end('SIGTERM');
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs a command of the hub's own command line; returns what it wrote. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

async function bootstrap(
  env: Readonly<Record<string, string | undefined>>,
  grantUsd: string,
): Promise<Bootstrapped> {
  const args = ['bootstrap', '--email', 'operator@example.com', '--grant', grantUsd, '--json'];
  const { code, stdout, stderr } = await runCli(args, env);
  if (code !== 0) throw new Error(`bootstrap failed: ${stderr}`);
  return JSON.parse(stdout) as Bootstrapped;
}

/** A new folder for a hub; with the embedded database it has a copy of the one made once. */
export async function makeDataDir(env: HubOptions['env'] = {}): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-data-'));
  const template = process.env['TEST_PGLITE_TEMPLATE'];
  if (template !== undefined && env['DATABASE_URL'] === undefined) {
    await cp(template, embeddedDatabaseDir(dataDir), { recursive: true });
  }
  return dataDir;
}

/**
 * Nothing of the developer's own settings (provider keys above all) may reach a test's hub, but for
 * those that let the whole suite run on the standard way of requests, and Node's cache.
 */
export function cleanEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR = tmpdir() } = process.env;
  const passed = ['FAST_DOOR', 'UPSTREAM_CLIENT', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { PATH, HOME, TMPDIR, ...Object.fromEntries(passed) };
}

async function waitForAddress(
  child: ChildProcess,
  stdout: Readable,
  output: () => string,
): Promise<string> {
  const deadline = AbortSignal.timeout(START_MS);
  for (;;) {
    const address = /InferenceHub \S+ is at (\S+)[^]*-d '/.exec(output())?.[1];
    if (address !== undefined) return address;
    if (child.exitCode !== null || deadline.aborted) {
      child.kill('SIGKILL');
      throw new Error(`The hub did not start: ${output()}`);
    }
    await Promise.race([once(stdout, 'data'), once(child, 'exit'), once(deadline, 'abort')]);
  }
}
