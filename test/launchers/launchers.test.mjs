// The launchers as a person meets them: real processes in a small house of stand-ins.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildHouse, until } from './house.mjs';

let house;
beforeEach(() => {
  house = buildHouse();
});
afterEach(() => house.remove());

describe('npm start', () => {
  it('installs, builds and runs the hub with its arguments, and ends as the hub ends', async () => {
    const end = await house.run('scripts/start.mjs', ['--once', 'a']);
    expect(end).toMatchObject({ code: 7, out: '' });
    expect(house.calls()).toEqual([
      expect.stringMatching(/^npm ci --omit=dev /),
      'vite',
      'hub --once a',
      'hub ends: once',
    ]);
    expect(house.read('dist/web/index.html')).toBe('first page');
  });

  it('neither installs nor builds again until something has changed', async () => {
    await house.run('scripts/start.mjs', ['--once']);
    const second = await house.run('scripts/start.mjs', ['--once']);
    expect(second.err).toBe('');
    expect(house.calls().filter((call) => call === 'vite')).toHaveLength(1);
    house.write('web/index.html', 'second page');
    await house.run('scripts/start.mjs', ['--once']);
    expect(house.read('dist/web/index.html')).toBe('second page');
    const lock = JSON.parse(house.read('package-lock.json'));
    lock.packages['node_modules/served'].version = '1.0.1';
    house.write('package-lock.json', JSON.stringify(lock));
    house.write('node_modules/.package-lock.json', '{ "packages": {} }');
    await house.run('scripts/start.mjs', ['--once']);
    expect(house.calls().filter((call) => call.startsWith('npm'))).toHaveLength(2);
  });

  it('installs once when two are started at the same time', async () => {
    const ends = await Promise.all([
      house.run('scripts/start.mjs', ['--once']),
      house.run('scripts/start.mjs', ['--once']),
    ]);
    expect(ends.map(({ code }) => code)).toEqual([7, 7]);
    const prepared = house.calls().filter((call) => !call.startsWith('hub'));
    expect(prepared).toEqual([expect.stringMatching(/^npm/), 'vite']);
  });

  it('says in one sentence, with its words, that npm failed', async () => {
    const end = await house.run('scripts/start.mjs', [], { NPM_FAILS: '1' });
    expect(end.code).toBe(1);
    expect(end.err).toContain('no such registry\nnpm could not install the packages');
    expect(house.calls()).toHaveLength(1);
  });

  it('keeps the last build and does not start when the pages cannot be built', async () => {
    await house.run('scripts/start.mjs', ['--once']);
    house.write('web/index.html', 'broken page');
    const end = await house.run('scripts/start.mjs', ['--once']);
    expect(end.code).toBe(1);
    expect(end.err).toContain('unexpected token\nThe web pages could not be built');
    expect(house.read('dist/web/index.html')).toBe('first page');
    expect(house.calls().filter((call) => call.startsWith('hub --once'))).toHaveLength(1);
  });

  it('passes a signal on to the hub and waits for it', async () => {
    const { child, ended } = house.start('scripts/start.mjs');
    await until(() => house.calls().some((call) => call.startsWith('hub')));
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 7, signal: null });
    expect(house.calls().at(-1)).toBe('hub ends: SIGTERM');
  });

  it('leaves no hub behind when it is killed', async () => {
    const { child } = house.start('scripts/start.mjs');
    await until(() => house.calls().some((call) => call.startsWith('hub')));
    child.kill('SIGKILL');
    await until(() => house.calls().at(-1) === 'hub ends: disconnect');
  });
});

describe('the inferencehub command', () => {
  it('gives stdout to the command alone and ends as the command ends', async () => {
    const end = await house.run('bin/inferencehub.mjs', ['balance', 'me']);
    expect(end).toMatchObject({ code: 5, out: 'answer to balance me\n' });
    expect(end.err).toMatch(/^Installing packages … \d+\.\d s\n$/);
    const second = await house.run('bin/inferencehub.mjs', ['balance', 'me']);
    expect(second).toMatchObject({ code: 5, out: 'answer to balance me\n', err: '' });
  });
});
