// Starts an installed peer on the subject's core and tells the bench how to reach it. A peer gets an
// environment of its own and a home in the subject's folder: neither settings nor caches of whoever
// runs the bench reach it.

import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild, waitUntil } from '../child.ts';
import { onCore } from '../machine.ts';
import type { Place, Running } from '../subject.ts';

const ANSWER_MS = 2_000;

export interface Launch {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Where stdout goes, in the subject's folder, for a peer that logs there; kept in memory otherwise. */
  readonly logFile?: string;
}

export type About = Omit<Running, 'pids' | 'restart' | 'stop'>;

/** Resolves once it answers on the place's port. */
export async function launch(place: Place, wanted: Launch, about: About): Promise<Running> {
  let child = await spawn(place, wanted);
  try {
    await waitUntil(child, () => answers(place.port));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    ...about,
    get pids() {
      return [child.pid];
    },
    async restart() {
      await child.stop();
      child = await spawn(place, wanted);
    },
    stop: () => child.stop(),
  };
}

/** Whether anything comes back: some listen long before they can answer. */
async function answers(port: number): Promise<true | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    return true;
  } catch {
    return undefined;
  }
}

async function spawn(place: Place, { command, env, logFile }: Launch): Promise<Child> {
  const { folder, core, caFile } = place;
  const { PATH = '' } = process.env;
  const [program, ...args] = command;
  const log = logFile === undefined ? 'pipe' : openSync(join(folder, logFile), 'a');
  try {
    return await startChild(onCore(core, program, ...args), {
      cwd: folder,
      env: { PATH, HOME: folder, ...trust(caFile), ...env },
      stdio: ['ignore', log, 'pipe'],
    });
  } finally {
    if (typeof log === 'number') closeSync(log);
  }
}

/** The names under which Node, OpenSSL and Python's clients look for a further authority. */
function trust(caFile: string | undefined): Record<string, string> {
  if (caFile === undefined) return {};
  return { NODE_EXTRA_CA_CERTS: caFile, SSL_CERT_FILE: caFile };
}
