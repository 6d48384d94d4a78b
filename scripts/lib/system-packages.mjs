// What the tests use of the system if it is there: a browser and a PostgreSQL. Where one is missing
// and this process may install it, it tries once, in bounded time; else the tests that need it are
// left out, by name. SKIP_SYSTEM_PACKAGES=1 keeps it from trying.

import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runTool } from './processes.mjs';
import { say, step } from './progress.mjs';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];
const UPDATE_WITHIN_MS = 60_000;
const INSTALL_WITHIN_MS = 180_000;

/** Resolves to the variables that tell the tests what was found. */
export async function findSystemPackages() {
  const missing = () => [
    ...(findBrowser() ? [] : ['chromium']),
    ...(hasPostgres() ? [] : ['postgresql']),
  ];
  if (missing().length > 0) await tryInstall(missing());
  for (const name of missing()) {
    const tests = name === 'chromium' ? 'the browser journeys' : 'the suites on PostgreSQL';
    say(`${name} is not installed: ${tests} will be left out.`);
  }
  const browser = findBrowser();
  return browser ? { CHROMIUM_PATH: browser } : {};
}

function findBrowser() {
  const given = process.env.CHROMIUM_PATH;
  if (given && existsSync(given)) return given;
  return pathFolders()
    .flatMap((folder) => BROWSERS.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

function hasPostgres() {
  if (process.env.TEST_DATABASE_URL) return true;
  const packaged = '/usr/lib/postgresql';
  const versions = existsSync(packaged) ? readdirSync(packaged) : [];
  const folders = [...versions.map((version) => join(packaged, version, 'bin')), ...pathFolders()];
  return folders.some((folder) => existsSync(join(folder, 'initdb')));
}

function pathFolders() {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/bin'].filter((folder) => folder);
}

async function tryInstall(names) {
  if (process.env.SKIP_SYSTEM_PACKAGES === '1') return;
  const before = await findPrivilege();
  if (before === undefined) return;
  await step(`Installing ${names.join(' and ')}`, async () => {
    const apt = (args, timeout) => {
      const [command, ...rest] = [...before, 'apt-get', '-q', '-y', ...args];
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      return runTool(command, rest, { timeout, env });
    };
    await apt(['update'], UPDATE_WITHIN_MS);
    await apt(['install', '--no-install-recommends', ...names], INSTALL_WITHIN_MS);
  });
}

/** What to put before apt-get: nothing for root, sudo where it asks nothing; undefined: may not. */
async function findPrivilege() {
  if (!existsSync('/usr/bin/apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = await runTool('sudo', ['-n', 'true'], { timeout: 5_000 });
  return sudo.code === 0 ? ['sudo', '-n'] : undefined;
}
