// Builds the web pages when what they are made of has changed. The build goes into a folder of its
// own and is moved into place whole; its stamp is written last, so a crash can only cause a rebuild.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { withLock } from './lock.mjs';
import { hubEnvironment, ROOT } from './node.mjs';
import { runTool } from './processes.mjs';
import { LaunchError, step } from './progress.mjs';

const DIST = join(ROOT, 'dist');
const OUTPUT = join(DIST, 'web');
const STAMP = join(DIST, 'web.stamp');

/** Leaves a build of the present sources in dist/web; `node` is the path of the hub's Node. */
export async function ensureWebBuilt(node) {
  if (isFresh(hashSources())) return;
  await withLock(join(DIST, 'web.lock'), async () => {
    const hash = hashSources();
    if (!isFresh(hash)) await step('Building the web pages', () => build(node, hash));
  });
}

function isFresh(hash) {
  if (!existsSync(STAMP) || !existsSync(join(OUTPUT, 'index.html'))) return false;
  return readFileSync(STAMP, 'utf8') === hash;
}

async function build(node, hash) {
  const fresh = join(DIST, 'web.new');
  const old = join(DIST, 'web.old');
  mkdirSync(DIST, { recursive: true });
  for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const options = ['--config', 'web/vite.config.ts', '--outDir', fresh, '--emptyOutDir'];
  const end = await runTool(node, [vite, 'build', ...options], {
    cwd: ROOT,
    env: hubEnvironment(),
  });
  if (end.code !== 0 || end.signal) {
    throw new LaunchError('The web pages could not be built (see above).', end.output);
  }
  rmSync(STAMP, { force: true });
  if (existsSync(OUTPUT)) renameSync(OUTPUT, old);
  renameSync(fresh, OUTPUT);
  writeFileSync(STAMP, hash);
  rmSync(old, { recursive: true, force: true });
}

/** One hash over the name and the content of every file that the build reads. */
function hashSources() {
  const contracts = listFiles(join(ROOT, 'src', 'console')).filter((path) =>
    /[\\/]contract[^\\/]*\.ts$/.test(path),
  );
  const files = [...listFiles(join(ROOT, 'web')), ...contracts, join(ROOT, 'package-lock.json')];
  const hash = createHash('sha256');
  for (const path of files.toSorted()) {
    const content = readFileSync(path);
    hash.update(`${relative(ROOT, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
