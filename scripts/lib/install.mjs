// Sees to it that the packages of the lock file are installed. What is there is read from the record
// that npm itself writes last into node_modules, so a half install never passes for a whole one and
// an install made by hand is as good as ours.

import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from './lock.mjs';
import { canStandIn, carriedPackage, ROOT } from './node.mjs';
import { runTool } from './processes.mjs';
import { LaunchError, step } from './progress.mjs';

const QUIET = ['--loglevel=error', '--no-fund', '--no-audit', '--no-progress'];

/** Installs what `mode` ('production' or 'all') needs, unless it is there already. */
export async function ensureInstalled(mode, root = ROOT) {
  if (isInstalled(mode, root)) return;
  await withLock(join(root, 'dist', 'install.lock'), async () => {
    if (isInstalled(mode, root)) return;
    const label = mode === 'all' ? 'Installing all packages' : 'Installing packages';
    await step(label, () => install(mode, root));
  });
}

export function isInstalled(mode, root = ROOT) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new LaunchError('package-lock.json is missing or damaged.');
  if (present === undefined) return false;
  return findMissing(wanted, present, mode, necessaryCarrier()).length === 0;
}

/**
 * The paths in `wanted` that `present` lacks or has in another version. Optional packages may be
 * absent (most are for other platforms), but for `carrier`, which this machine cannot do without.
 */
export function findMissing(wanted, present, mode, carrier) {
  return Object.entries(wanted)
    .filter(([path, entry]) => {
      if (path === '' || entry.link) return false;
      if (path === carrier) return true;
      if (entry.optional || entry.devOptional) return false;
      return mode === 'all' || !entry.dev;
    })
    .filter(([path, entry]) => present[path]?.version !== entry.version)
    .map(([path]) => path);
}

function necessaryCarrier() {
  const carrier = carriedPackage();
  return carrier === undefined || canStandIn() ? undefined : `node_modules/${carrier}`;
}

function readPackages(path) {
  try {
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
  } catch {
    return undefined;
  }
}

async function install(mode, root) {
  const { command, before, env } = findNpm();
  const args = [...before, 'ci', ...(mode === 'all' ? [] : ['--omit=dev']), ...QUIET];
  const shell = process.platform === 'win32' && before.length === 0;
  const end = await runTool(command, args, { cwd: root, env, shell });
  if (end.code !== 0 || end.signal) {
    throw new LaunchError(
      'npm could not install the packages (its own words are above).',
      end.output,
    );
  }
}

/**
 * npm, on a Node outside node_modules: npm empties that folder first, and with it the Node that
 * `npm start` puts on the path.
 */
function findNpm() {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
  // The caller's npm settings come as variables too; NODE_ENV=production would leave out packages.
  const env = { ...process.env, PATH: path };
  delete env.NODE_ENV;
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  const usable = script?.endsWith('.js') && node && !node.includes('node_modules');
  return usable ? { command: node, before: [script], env } : { command: 'npm', before: [], env };
}
