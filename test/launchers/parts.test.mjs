// The parts of the launchers: which Node will do, what counts as installed, who holds a lock, and
// how a test report becomes the last line of `npm test`.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findMissing } from '../../scripts/lib/install.mjs';
import { canStandIn, requireLauncherNode } from '../../scripts/lib/node.mjs';
import { addCounts, countTests, describeCounts } from '../../scripts/lib/test-counts.mjs';

describe('the Node of the launchers', () => {
  it('is 20.19 or newer', () => {
    for (const version of ['20.19.0', '20.20.2', '22.0.0', '26.10.0']) {
      expect(() => requireLauncherNode(version), version).not.toThrow();
    }
    for (const version of ['20.18.3', '18.20.8', '4.0.0']) {
      expect(() => requireLauncherNode(version), version).toThrow(`this is Node ${version}.`);
    }
  });

  it('runs the hub only from 24 on', () => {
    expect(['20.20.2', '23.11.1', '24.0.0', '26.10.0'].map(canStandIn)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe('what is installed', () => {
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '1.0.0', dev: true },
    'node_modules/c': { version: '1.0.0', optional: true },
  };

  it('needs development packages for tests only, and optional ones never', () => {
    const present = { 'node_modules/a': { version: '1.0.0' } };
    expect(findMissing(wanted, present, 'production')).toEqual([]);
    expect(findMissing(wanted, present, 'all')).toEqual(['node_modules/b']);
  });

  it('needs the packages in the version of the lock file', () => {
    const present = { 'node_modules/a': { version: '1.0.1' } };
    expect(findMissing(wanted, present, 'production')).toEqual(['node_modules/a']);
  });

  it('needs the carried Node where nothing can stand in for it', () => {
    const present = { 'node_modules/a': { version: '1.0.0' } };
    expect(findMissing(wanted, present, 'production', 'node_modules/c')).toEqual([
      'node_modules/c',
    ]);
  });
});

describe('the lock', () => {
  const module = new URL('../../scripts/lib/lock.mjs', import.meta.url).href;
  const holder = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as pause } from 'node:timers/promises';
    import { withLock } from '${module}';
    await withLock(process.argv[1], async () => {
      appendFileSync(process.argv[2], 'in ' + process.pid + '\\n');
      await pause(50);
      appendFileSync(process.argv[2], 'out ' + process.pid + '\\n');
    });`;
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const hold = () =>
    new Promise((resolve) => {
      const args = ['--input-type=module', '-e', holder, join(folder, 'lock'), join(folder, 'log')];
      spawn(process.execPath, args, { stdio: 'ignore' }).once('exit', resolve);
    });
  const readLog = () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');

  it('lets one process in at a time, also past a holder that died', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(folder, 'lock'));
    writeFileSync(join(folder, 'lock', String(dead)), '');
    const codes = await Promise.all([hold(), hold(), hold(), hold()]);
    expect(codes).toEqual([0, 0, 0, 0]);
    const log = readLog();
    expect(log).toHaveLength(8);
    for (let at = 0; at < log.length; at += 2) {
      expect(log[at + 1]).toBe(log[at].replace('in', 'out'));
    }
    expect(readdirSync(folder)).toEqual(['log']);
  });
});

describe('the last line of npm test', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 0,
    testResults: [
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'failed', assertionResults: [] },
    ],
  };

  it('counts a file that could not be loaded as one failure', () => {
    expect(countTests(report, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it('counts a run that failed for no test’s sake, or left no report, as one failure', () => {
    const good = { ...report, numFailedTests: 0, testResults: [] };
    expect(countTests(good, 0).failed).toBe(0);
    expect(countTests(good, 1).failed).toBe(1);
    expect(countTests(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('names skipped tests only where there are some', () => {
    const total = addCounts([
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 2, failed: 1, skipped: 0 },
    ]);
    expect(describeCounts(total)).toBe('3 passed, 1 failed');
    expect(describeCounts({ ...total, skipped: 4 })).toBe('3 passed, 1 failed, 4 skipped');
  });
});
