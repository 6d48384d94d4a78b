// A small house for the launchers to work in: a copy of them in a temporary folder, with stand-ins
// for what they start (npm, vite, the hub), each of which writes down that it was called.

import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { carriedPackage } from '../../scripts/lib/node.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CARRIER = `node_modules/${carriedPackage()}`;
const LOCK = {
  packages: {
    '': {},
    'node_modules/served': { version: '1.0.0' },
    'node_modules/tried': { version: '1.0.0', dev: true },
    [CARRIER]: { version: '26.0.0', optional: true },
    'node_modules/elsewhere': { version: '1.0.0', optional: true },
  },
};

/** Does what `npm ci` leaves behind: the folder, its record, and the Node of this platform. */
const NPM = `
const { appendFileSync, mkdirSync, symlinkSync, writeFileSync, readFileSync, rmSync } = require('node:fs');
appendFileSync('calls', 'npm ' + process.argv.slice(2).join(' ') + '\\n');
if (process.env.NPM_FAILS) { console.error('no such registry'); process.exit(3); }
mkdirSync('${CARRIER}/bin', { recursive: true });
rmSync('${CARRIER}/bin/node', { force: true });
symlinkSync(process.execPath, '${CARRIER}/bin/node');
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
if (process.argv.includes('--omit=dev')) delete lock.packages['node_modules/tried'];
writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock));
mkdirSync('node_modules/vite/bin', { recursive: true });
writeFileSync('node_modules/vite/package.json', '{}');
writeFileSync('node_modules/vite/bin/vite.js', readFileSync('vite.txt'));
`;

const VITE = `
const { appendFileSync, mkdirSync, writeFileSync, readFileSync } = require('node:fs');
appendFileSync('calls', 'vite\\n');
const page = readFileSync('web/index.html', 'utf8');
const out = process.argv[process.argv.indexOf('--outDir') + 1];
mkdirSync(out, { recursive: true });
writeFileSync(out + '/index.html', page);
if (page.includes('broken')) { console.error('unexpected token'); process.exit(1); }
`;

const MAIN = `
import { appendFileSync } from 'node:fs';
const say = (line: string): void => appendFileSync('calls', line + '\\n');
const alive = setInterval(() => {}, 1000);
const end = (reason: string): void => {
  say('hub ends: ' + reason);
  clearInterval(alive);
  process.exitCode = 7;
  process.removeAllListeners('disconnect');
  if (process.connected) process.disconnect();
};
process.once('SIGTERM', () => end('SIGTERM'));
process.once('disconnect', () => end('disconnect'));
say('hub ' + process.argv.slice(2).join(' '));
if (process.argv.includes('--once')) end('once');
`;

const CLI = `console.log('answer to', process.argv.slice(2).join(' ')); process.exitCode = 5;`;

export function buildHouse() {
  const root = mkdtempSync(join(tmpdir(), 'hub-launchers-'));
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const folder of ['scripts', 'bin']) {
    cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  }
  write('package.json', '{ "type": "module" }');
  write('package-lock.json', JSON.stringify(LOCK));
  write('vite.txt', VITE);
  write('node_modules/.keep', '');
  write('web/index.html', 'first page');
  write('src/main.ts', MAIN);
  write('src/cli.ts', CLI);
  write('tools/npm.cjs', NPM);
  write(
    'tools/npm',
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'tools/npm.cjs')}" "$@"\n`,
  );
  chmodSync(join(root, 'tools/npm'), 0o755);
  symlinkSync(process.execPath, join(root, 'tools/node'));
  const started = [];
  const start = (script, args = [], env = {}) => {
    const run = startScript(root, script, args, env);
    started.push(run.child);
    return run;
  };
  return {
    root,
    write,
    start,
    run: async (...args) => start(...args).ended,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    calls: () => {
      const path = join(root, 'calls');
      return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    },
    remove: () => {
      for (const child of started) child.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function startScript(root, script, args, env) {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: { PATH: `${join(root, 'tools')}:/usr/bin:/bin`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  return { child, ended };
}

/** Waits until `condition` holds; the test's own time limit ends a wait in vain. */
export async function until(condition) {
  while (!condition()) await pause(10);
}
