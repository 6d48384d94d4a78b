// Runs the command line as its users do: a process of its own, nothing but its settings around it (and
// Node's cache of compiled code, by which the many runs here take half the time).

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const { NODE_COMPILE_CACHE } = process.env;
    const options = {
      env: { ...env, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) },
      timeout: 60_000,
    };
    const child = execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? (child.exitCode ?? -1) : 0, stdout, stderr });
    });
  });
}
