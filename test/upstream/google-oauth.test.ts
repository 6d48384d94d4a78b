// Tokens for Google's cloud, over both clients: had once, kept, replaced before they end, and asked for
// at the address of the key file alone.

import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { vertex } from '../../src/providers/vertex.ts';
import type { ServiceAccount } from '../../src/providers/provider.ts';
import { withGoogleOauth } from '../../src/upstream/google-oauth.ts';
import type { Upstreams } from '../../src/upstream/port.ts';
import {
  CLIENTS,
  type Asked,
  type Wire,
  failureOf,
  jsonAnswer,
  openWire,
  readAll,
  says,
} from './world.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const WALL_MS = 1_795_000_000_000;
const HOUR_SECONDS = 3_600;

let nowMs = 0;
const clock: Clock = {
  wallMs: () => WALL_MS + nowMs,
  monotonicMs: () => nowMs,
  sleep: () => Promise.resolve(),
};

interface World {
  readonly tokenUrl: string;
  /** The answers of the token endpoint, the last for all further questions. */
  readonly tokens: string[];
  readonly send: () => ReturnType<Upstreams['send']>;
  readonly tokenAsked: () => Asked[];
  readonly modelAsked: () => string[];
}

let upstreams: Upstreams | undefined;
let wires: Wire[] = [];
afterEach(async () => {
  await upstreams?.close();
  for (const wire of wires) await wire.close();
  wires = [];
  nowMs = 0;
});

const tokenAnswer = (token: string, seconds = HOUR_SECONDS) =>
  jsonAnswer(JSON.stringify({ access_token: token, expires_in: seconds, token_type: 'Bearer' }));
const refusal = (status: number) =>
  `HTTP/1.1 ${status} No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;

async function openWorld(open: (silenceMs: number) => Upstreams): Promise<World> {
  const tokens: string[] = [tokenAnswer('t-1')];
  const issuer = await openWire(({ socket }) => {
    socket.write(tokens.length > 1 ? tokens.shift()! : tokens[0]!);
  });
  const model = await openWire(says(jsonAnswer('{}')));
  wires.push(issuer, model);
  const connections = withGoogleOauth(open(20_000), clock);
  upstreams = connections;
  const tokenUrl = `${new URL(issuer.settings.baseUrl).origin}/token?x=1`;
  const credential: ServiceAccount = {
    email: 'hub@project.example',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    privateKeyId: 'key-1',
    tokenUrl,
  };
  const settings = { ...model.settings, credential };
  return {
    tokenUrl,
    tokens,
    send: () =>
      connections.send({
        provider: vertex,
        settings,
        path: '/models/m:generateContent',
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: [Buffer.from('{}')],
      }),
    tokenAsked: () => issuer.asked,
    modelAsked: () =>
      model.asked.map(({ head }) => /^authorization: (.*)\r$/im.exec(head)?.[1] ?? ''),
  };
}

describe.each(CLIENTS)('a request to Vertex over the $client client', ({ open }) => {
  it('carries a token that a signed claim was exchanged for', async () => {
    const world = await openWorld(open);
    expect((await readAll(world.send())).text).toBe('{}');
    expect(world.modelAsked()).toEqual(['Bearer t-1']);
    const [asked] = world.tokenAsked();
    expect(asked?.head).toMatch(/^POST \/token\?x=1 /);
    expect(asked?.head).toMatch(/^content-type: application\/x-www-form-urlencoded\r$/im);
    expect(asked?.head).not.toMatch(/^authorization:/im);
    const form = new URLSearchParams(asked?.body.toString());
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', publicKey, {
      currentDate: new Date(WALL_MS),
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: 'key-1' });
    expect(payload).toEqual({
      iss: 'hub@project.example',
      aud: world.tokenUrl,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      iat: WALL_MS / 1_000,
      exp: WALL_MS / 1_000 + HOUR_SECONDS,
    });
  });

  it('shares one question for a token with all that wait for it, and all that come later', async () => {
    const world = await openWorld(open);
    world.tokens.push(tokenAnswer('t-2'));
    await Promise.all([world.send(), world.send(), world.send()].map(readAll));
    nowMs = HOUR_SECONDS * 1_000 - 301_000;
    for (let i = 0; i < 10; i++) await readAll(world.send());
    expect(world.tokenAsked()).toHaveLength(1);
    expect(world.modelAsked()).toEqual(Array(13).fill('Bearer t-1'));
  });

  it('goes on with the old token while a new one is asked for, and then with the new one', async () => {
    const world = await openWorld(open);
    world.tokens.push(tokenAnswer('t-2'));
    await readAll(world.send());
    nowMs = HOUR_SECONDS * 1_000 - 200_000;
    await readAll(world.send());
    await expect.poll(() => world.tokenAsked().length).toBe(2);
    await expect
      .poll(async () => {
        await readAll(world.send());
        return world.modelAsked().at(-1);
      })
      .toBe('Bearer t-2');
    expect(world.modelAsked()[1]).toBe('Bearer t-1');
  });

  it('waits for a new token where the old one is at its end', async () => {
    const world = await openWorld(open);
    world.tokens.push(tokenAnswer('t-2'));
    await readAll(world.send());
    nowMs = HOUR_SECONDS * 1_000;
    await readAll(world.send());
    expect(world.modelAsked()).toEqual(['Bearer t-1', 'Bearer t-2']);
  });

  it.each([
    ['an account that is unknown', refusal(400), 'upstream_refused_hub'],
    ['an account that is forbidden', refusal(403), 'upstream_refused_hub'],
    ['a failure', refusal(500), 'upstream_failed'],
    ['something else than a token', jsonAnswer('{"id_token":"x"}'), 'upstream_failed'],
    ['a token that would split a head', tokenAnswer('a\nb'), 'upstream_failed'],
    ['far too much', tokenAnswer('x'.repeat(100_000)), 'upstream_failed'],
  ])('fails where the answer is %s, and the next one asks again', async (_, answer, code) => {
    const world = await openWorld(open);
    world.tokens.splice(0, 1, answer, tokenAnswer('t-3'));
    expect((await failureOf(world.send())).code).toBe(code);
    expect(world.modelAsked()).toEqual([]);
    await readAll(world.send());
    expect(world.modelAsked()).toEqual(['Bearer t-3']);
  });

  it('is not sent where its client left while there was no token yet', async () => {
    const world = await openWorld(open);
    const call = world.send();
    call.abort();
    expect((await failureOf(call)).code).toBe('client_closed');
    expect(world.modelAsked()).toEqual([]);
  });
});
