// What Claude Code asks beside the API: a sign that somebody is there, and its telemetry, which leaves no
// trace at the hub.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Hub, startHub } from '../support/hub.ts';

/** What must be found nowhere. */
const SECRET = 'the-name-of-a-secret-project';

let hub: Hub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.stop());

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${hub.baseUrl}${path}`, init);

describe('Claude Code', () => {
  it('finds somebody there, without a key', async () => {
    const response = await ask('/api/hello');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ message: 'hello' });
    const head = await ask('/api/hello', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  it.each(['/api/event_logging/batch', '/api/event_logging/v2/batch'])(
    'leaves its telemetry at %s, without a key',
    async (path) => {
      const events = [{ event_data: SECRET.repeat(50_000) }];
      const response = await ask(path, { method: 'POST', body: JSON.stringify({ events }) });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({});
    },
  );

  it('is not heard, be it JSON or not', async () => {
    const response = await ask('/api/event_logging/batch', { method: 'POST', body: `{${SECRET}` });
    expect(response.status).toBe(200);
  });

  it.each([
    ['POST', '/api/hello'],
    ['GET', '/api/event_logging/batch'],
    ['POST', '/api/event_logging'],
  ])('reads 404 for %s %s', async (method, path) => {
    expect((await ask(path, { method })).status).toBe(404);
  });

  it('leaves no trace', async () => {
    expect(await hub.terminate()).toBe(0);
    expect(hub.output()).not.toContain(SECRET);
    const files = await readdir(hub.dataDir, { recursive: true, withFileTypes: true });
    const paths = files
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name));
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) expect((await readFile(path)).includes(SECRET), path).toBe(false);
  });
});
