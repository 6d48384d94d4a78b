// Signatures against Amazon's own signer, and on the wire with both clients.

import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { bedrock } from '../../src/providers/bedrock.ts';
import type { AwsKeys } from '../../src/providers/provider.ts';
import { type SignedRequest, signRequest } from '../../src/upstream/aws-signature.ts';
import type { Upstreams } from '../../src/upstream/port.ts';
import { CLIENTS, type Wire, jsonAnswer, openWire, readAll, says, send } from './world.ts';

const KEYS: AwsKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: undefined,
  region: 'us-east-1',
  service: 'bedrock',
};

/** The hash that Amazon's signer asks for. */
class Sha256 {
  readonly #hash;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', asBytes(key));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(asBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    throw new Error('the signer does not use a hash twice');
  }
}

function asBytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}

/** The headers that Amazon's signer adds. */
async function expected(keys: AwsKeys, request: SignedRequest, wallMs: number) {
  const { accessKeyId, secretAccessKey, sessionToken, region, service } = keys;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    region,
    service,
    sha256: Sha256,
  });
  const given = { host: request.host, 'content-type': request.contentType };
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: request.host,
      path: request.path,
      query: {},
      headers: { ...given },
      body: Buffer.concat(request.body),
    },
    { signingDate: new Date(wallMs) },
  );
  const { host: _host, 'content-type': _type, ...added } = signed.headers;
  return added;
}

const NOW = Date.UTC(2026, 10, 23, 7, 8, 9, 123);
const REQUEST: SignedRequest = {
  host: 'bedrock-runtime.us-east-1.amazonaws.com',
  path: '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
  contentType: 'application/json',
  body: [Buffer.from('{"a":'), Buffer.from('"ü"}')],
};

describe("a signature is that of Amazon's own signer", () => {
  it.each<[string, Partial<AwsKeys>, Partial<SignedRequest>]>([
    ['a model with a colon', {}, {}],
    [
      'an ARN',
      {},
      { path: `/model/${encodeURIComponent('arn:aws:b:r:1:p/us.x')}/converse-stream` },
    ],
    ['marks that are encoded once more', {}, { path: "/a!b'c(d)e*f~g_h.i-j/%20%2F" }],
    ['a path before it', {}, { path: '/proxy/model/x/converse' }],
    ['temporary keys', { sessionToken: 'FwoGZXIvYXdzE/+=' }, {}],
    ['another region', { region: 'eu-central-1' }, {}],
    ['a port', {}, { host: '127.0.0.1:8080' }],
    ['no body', {}, { body: [] }],
  ])('for %s', async (_, keys, request) => {
    const [ours, theirs] = [
      { ...KEYS, ...keys },
      { ...REQUEST, ...request },
    ];
    expect(signRequest(ours, theirs, NOW)).toEqual(await expected(ours, theirs, NOW));
  });

  it('for any path, body, keys and time', async () => {
    const word = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' });
    // A segment of dots alone would be a step to another folder, which no model's name is.
    const segments = fc.array(
      word.map(encodeURIComponent).filter((segment) => !/^\.+$/.test(segment)),
      { minLength: 1 },
    );
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01') });
    await fc.assert(
      fc.asyncProperty(
        segments,
        fc.uint8Array(),
        word,
        times.filter((time) => !Number.isNaN(time.getTime())),
        async (parts, bytes, secretAccessKey, time) => {
          const keys = { ...KEYS, secretAccessKey };
          const request = { ...REQUEST, path: `/${parts.join('/')}`, body: [Buffer.from(bytes)] };
          const wallMs = time.getTime();
          expect(signRequest(keys, request, wallMs)).toEqual(await expected(keys, request, wallMs));
        },
      ),
    );
  });
});

describe.each(CLIENTS)('the $client client', ({ open }) => {
  let upstreams: Upstreams;
  let wire: Wire;
  afterEach(async () => {
    await upstreams.close();
    await wire.close();
  });

  const path = '/model/amazon.nova-lite-v1%3A0/converse';
  const body = [Buffer.from('{"messages":'), Buffer.from('[]}')];

  async function ask(credential: string | AwsKeys): Promise<Map<string, string>> {
    wire = await openWire(says(jsonAnswer('{}')));
    upstreams = open(5_000);
    await readAll(
      send(upstreams, { ...wire.settings, credential }, { provider: bedrock, path, body }),
    );
    const { head } = wire.asked[0]!;
    expect(head).toMatch(/^POST \/v1\/model\/amazon\.nova-lite-v1%3A0\/converse HTTP/);
    const lines = head.trimEnd().split('\r\n').slice(1);
    return new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.split(': ')[1]!]),
    );
  }

  it('signs what it sends, as it stands on the wire', async () => {
    const keys = { ...KEYS, sessionToken: 'token' };
    const headers = await ask(keys);
    const date = headers.get('x-amz-date') ?? '';
    const [, ...digits] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.map(Number);
    const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
    expect(Math.abs(Date.now() - wallMs)).toBeLessThan(60_000);
    const request: SignedRequest = {
      host: headers.get('host') ?? '',
      path: `/v1${path}`,
      contentType: headers.get('content-type') ?? '',
      body: [wire.asked[0]!.body],
    };
    const signed = await expected(keys, request, wallMs);
    for (const [name, value] of Object.entries(signed)) expect(headers.get(name)).toBe(value);
    expect(wire.asked[0]!.body.toString()).toBe('{"messages":[]}');
  });

  it('sends a key as it is', async () => {
    const headers = await ask('bedrock-key');
    expect(headers.get('authorization')).toBe('Bearer bedrock-key');
    expect([...headers.keys()].filter((name) => name.startsWith('x-amz'))).toEqual([]);
  });
});
