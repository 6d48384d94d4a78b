import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPages } from '../../src/http/static.ts';

const PAGE = '<!doctype html><title>Hub</title>';

async function serve(folder: string): Promise<{ url: string; close(): Promise<void> }> {
  const app = fastify();
  app.get('/api/known', async () => ({ known: true }));
  addPages(app, folder);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: () => app.close() };
}

describe('built pages', () => {
  let parent: string;
  let served: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hub-web-'));
    const folder = join(parent, 'web');
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(folder, 'index.html'), PAGE);
    await writeFile(join(folder, 'assets', 'app-1a2b.js'), 'export {};');
    await writeFile(join(parent, 'outside.txt'), 'outside');
    served = await serve(folder);
  });
  afterAll(async () => {
    await served.close();
    await rm(parent, { recursive: true });
  });
  const get = (path: string, accept = 'text/html,*/*;q=0.8') =>
    fetch(served.url + path, { headers: { accept } });

  it('are the same page at every address of the app, asked for each time', async () => {
    for (const path of ['/', '/console/keys', '/models?q=gpt', '/welcome']) {
      const response = await get(path);
      expect([response.status, await response.text()]).toEqual([200, PAGE]);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    }
  });

  it('have assets that are kept for ever, and 404 for one that is gone', async () => {
    const asset = await get('/assets/app-1a2b.js', '*/*');
    expect(asset.status).toBe(200);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await get('/assets/app-0000.js')).status).toBe(404);
  });

  it('are not what a program gets that asks for something else', async () => {
    expect((await get('/nothing.json', 'application/json')).status).toBe(404);
    expect((await fetch(`${served.url}/console`, { method: 'POST' })).status).toBe(404);
    expect(await (await get('/api/known')).json()).toEqual({ known: true });
  });

  it('give nothing from outside their folder', async () => {
    for (const path of [
      '/..%2foutside.txt',
      '/%2e%2e/outside.txt',
      '/assets/..%2f..%2foutside.txt',
    ]) {
      expect(await (await get(path)).text()).not.toContain('outside');
    }
  });
});

describe('pages that are not built', () => {
  it('are one sentence that says what to do', async () => {
    const served = await serve(join(tmpdir(), 'hub-web-that-is-not-there'));
    const response = await fetch(served.url);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm start');
    await served.close();
  });
});
