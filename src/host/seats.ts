// Which folder is whose. A hub of one process keeps its node in the data folder itself; a hub of
// several keeps one node a worker in workers/1 and so on. With another number of workers some of those
// folders have no process any more: what their journals hold must be booked all the same.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NO_SIBLINGS, type Siblings } from '../base/siblings.ts';
import type { Config } from '../config.ts';
import { hasNode } from './data-dir.ts';

/** What a node has to know of the others in its data folder. */
export interface Place {
  readonly siblings: Siblings;
  /** Folders of the nodes that run beside this one. */
  readonly siblingDirs: readonly string[];
  /** Folders of nodes that nobody runs any more. */
  readonly formerDirs: readonly string[];
  /** Those of them that this node books; their locks are free, or are those of dying processes. */
  readonly adoptedDirs: readonly string[];
  /** The folder of the whole hub, which all its processes on this machine share. */
  readonly hubDir: string;
  /** A folder that is locked already, by the process that started this one. */
  readonly heldDir: string | undefined;
  /** How long another process may take to let go of the folder. */
  readonly lockWaitMs: number;
}

/** Workers end with their supervisor, but a moment after it. */
export const DYING_MS = 10_000;

/** The place of a hub of one process. */
export function onlyPlace({ dataDir }: Config): Place {
  const formerDirs = workerDirs(dataDir).filter(hasNode);
  return {
    siblings: NO_SIBLINGS,
    siblingDirs: [],
    formerDirs,
    adoptedDirs: formerDirs,
    hubDir: dataDir,
    heldDir: undefined,
    lockWaitMs: 0,
  };
}

/** The place of one worker, counted from 1; the first looks after what former ones left. */
export function workerPlace(config: Config, worker: number, siblings: Siblings): Place {
  const { dataDir, workers } = config;
  const seats = Array.from({ length: workers }, (_, index) => workerDir(dataDir, index + 1));
  const dirs = [dataDir, ...workerDirs(dataDir)];
  const formerDirs = dirs.filter((dir) => !seats.includes(dir) && hasNode(dir));
  const own = workerDir(dataDir, worker);
  return {
    siblings,
    siblingDirs: seats.filter((dir) => dir !== own),
    formerDirs,
    adoptedDirs: worker === 1 ? formerDirs : [],
    hubDir: dataDir,
    heldDir: dataDir,
    lockWaitMs: DYING_MS,
  };
}

/** A worker's settings: its own folder, and its part of what is meant for the whole hub. */
export function workerConfig(config: Config, worker: number): Config {
  const bodyMemoryBytes = Math.floor(config.bodyMemoryBytes / config.workers);
  return { ...config, dataDir: workerDir(config.dataDir, worker), bodyMemoryBytes };
}

function workerDir(dataDir: string, worker: number): string {
  return join(dataDir, 'workers', worker.toString());
}

function workerDirs(dataDir: string): string[] {
  const folder = join(dataDir, 'workers');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => join(folder, name));
}
