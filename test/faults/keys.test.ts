// Whose key it is: keys that share all but one character, headers that are no keys at all, and a hub
// that nobody has set up yet, which knows no key, no person and no password.

import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBase32 } from '../../src/base/ids.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { runCli, startHub } from '../support/hub.ts';
import { answerJson } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { CHAT, type World, ask, call, openWorld, withDatabase } from './world.ts';

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** The same key with one character of its random part exchanged, and a checksum that fits again. */
function neighbour(key: string, at: number): string {
  const old = key[at] ?? '';
  const other = LETTERS[(LETTERS.indexOf(old) + 1) % LETTERS.length] ?? '';
  const body = key.slice(0, at) + other + key.slice(at + 1, -7);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return body + encodeBase32(checksum);
}

describe('a key', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.upstream.answer = answerJson(chatAnswer());
  });
  afterAll(() => world.close());

  /** Sends raw header bytes, which fetch would refuse to. */
  async function sendRaw(
    headers: readonly string[],
  ): Promise<{ status: number | undefined; body: string }> {
    const { hostname, port } = new URL(world.hub.baseUrl);
    const outgoing = request({
      hostname,
      port,
      path: '/v1/chat/completions',
      method: 'POST',
      headers: [...headers, 'content-type', 'application/json', 'host', hostname],
      agent: false,
    });
    outgoing.end(JSON.stringify(ask(CHAT)));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response) };
  }

  it('never stands for one that differs in a single character, cached or not', async () => {
    const { liveKey } = await world.customer(1_000_000_000n);
    expect((await call(world.hub, liveKey, ask(CHAT))).status).toBe(200);
    const before = world.upstream.asked.length;
    for (let at = 'ih_live_'.length; at < liveKey.length - 7; at++) {
      const other = neighbour(liveKey, at);
      // It would be a key, if anybody had made it: the look-up decides, not the checksum.
      expect(parseKeySecret(other)).toBeDefined();
      expect((await call(world.hub, other, ask(CHAT))).status).toBe(401);
    }
    expect(world.upstream.asked).toHaveLength(before);
  });

  it('pays from its own workspace, however many others are cached', async () => {
    const customers = await Promise.all(
      Array.from({ length: 5 }, () => world.customer(1_000_000_000n)),
    );
    await Promise.all(
      customers.flatMap(({ liveKey }) =>
        Array.from({ length: 10 }, async () => {
          const response = await call(world.hub, liveKey, ask(CHAT));
          const receipt = response.headers.get('x-inferencehub-receipt') ?? '';
          const statuses = customers.map(async (other) => {
            const headers = { authorization: `Bearer ${other.liveKey}` };
            const { status } = await fetch(world.hub.baseUrl + receipt, { headers });
            return [other.liveKey === liveKey, status];
          });
          for (const [own, status] of await Promise.all(statuses)) {
            expect(status).toBe(own ? 200 : 404);
          }
        }),
      ),
    );
  });

  it('is accepted under either header and any spelling of the scheme', async () => {
    const { liveKey } = await world.customer(1_000_000_000n);
    for (const [name, value] of [
      ['authorization', `bearer ${liveKey}`],
      ['authorization', `BEARER   ${liveKey} `],
      ['x-api-key', liveKey],
    ] as const) {
      expect((await sendRaw([name, value])).status).toBe(200);
    }
  });

  it('that is malformed is 401 in words, whatever it is made of, and the hub lives', async () => {
    const { liveKey } = await world.customer(1_000_000_000n);
    const before = world.upstream.asked.length;
    const binary = Buffer.from(randomBytes(64).map((byte) => byte | 0x80));
    const values = [
      '',
      'Bearer',
      'Bearer ',
      liveKey,
      `Basic ${liveKey}`,
      `Bearer ${liveKey} ${liveKey}`,
      `Bearer ${liveKey},${liveKey}`,
      `Bearer ${liveKey}x`,
      `Bearer ${liveKey.toUpperCase()}`,
      `Bearer ${liveKey.slice(0, -1)}`,
      `Bearer ' or '1'='1`,
      `Bearer ih_live_'; drop table api_keys; --`,
      `Bearer ${'a'.repeat(16_000)}`,
      `Bearer ${' '.repeat(8_000)}x`,
      `Bearer ${binary.toString('latin1')}`,
      'Bearer __proto__',
      'Bearer null',
    ];
    for (const value of values) {
      const { status, body } = await sendRaw(['authorization', value]);
      expect([value, status]).toEqual([value, 401]);
      expect(JSON.parse(body)).toMatchObject({ error: { code: 'invalid_api_key' } });
    }
    expect((await sendRaw([])).status).toBe(401);
    expect((await sendRaw(['x-api-key', `${liveKey}, ${liveKey}`])).status).toBe(401);
    expect((await sendRaw(['authorization', `Bearer ${'a'.repeat(40_000)}`])).status).toBe(431);
    expect(world.upstream.asked).toHaveLength(before);
    expect((await call(world.hub, liveKey, ask(CHAT))).status).toBe(200);
  });
});

describe('a fresh hub', () => {
  it('has no key, no person and no password; each way in works once', async () => {
    const hub = await startHub();
    try {
      const welcome = async (email: string): Promise<number> => {
        const token = new URL(hub.welcomeUrl ?? '').hash.slice(1);
        const response = await fetch(`${hub.baseUrl}/api/v1/welcome`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: hub.baseUrl },
          body: JSON.stringify({ token, name: 'Ada', email, password: 'a long enough password' }),
        });
        return response.status;
      };
      expect(await welcome('ada@example.com')).toBe(200);
      expect(await welcome('eve@example.com')).toBe(401);
      const args = ['bootstrap', '--email', 'eve@example.com', '--grant', '1', '--json'];
      const refused = await runCli(args, { DATA_DIR: hub.dataDir });
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      const forced = await runCli([...args, '--force'], { DATA_DIR: hub.dataDir });
      expect(forced.code).toBe(0);
    } finally {
      await hub.stop();
    }
  });

  it('keeps nothing that anybody could sign in or call with', async () => {
    const hub = await startHub();
    try {
      expect(hub.welcomeUrl).toBeDefined();
      expect((await fetch(`${hub.baseUrl}/v1/models`)).status).toBe(200);
      expect(await hub.terminate()).toBe(0);
      await withDatabase(hub.dataDir, undefined, async (sql) => {
        for (const table of ['people', 'api_keys', 'sessions', 'workspaces'] as const) {
          expect(await sql.selectFrom(table).selectAll().execute()).toEqual([]);
        }
      });
    } finally {
      await hub.stop();
    }
  });

  it('bootstraps once by the command line, and then refuses the welcome link', async () => {
    const hub = await startHub();
    try {
      await hub.bootstrap('1');
      await expect(hub.bootstrap('1')).rejects.toThrow('bootstrap failed');
      const token = new URL(hub.welcomeUrl ?? '').hash.slice(1);
      const person = { name: 'Eve', email: 'eve@example.com', password: 'a long enough password' };
      const response = await fetch(`${hub.baseUrl}/api/v1/welcome`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: hub.baseUrl },
        body: JSON.stringify({ token, ...person }),
      });
      expect(response.status).toBe(401);
    } finally {
      await hub.stop();
    }
  });
});
