import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';

describe('the settings', () => {
  test('are complete without any', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      sandbox: true,
      livePayments: false,
    });
    expect(config.databaseUrl).toBeUndefined();
    expect([...config.providers.keys()]).toEqual([]);
  });

  test('that are wrong are reported all together, and a secret is not repeated', () => {
    const read = () =>
      readConfig({
        PORT: '70000',
        SANDBOX: 'maybe',
        PUBLIC_URL: 'ftp://x',
        DATABASE_URL: 'mysql://user:hunter2@host/db',
        OPENAI_API_KEY: 'line\nend',
        MAIL_FROM: 'The Hub, hub.example',
        LOG_LEVEL: 'loud',
      });
    expect(read).toThrow(ConfigError);
    try {
      read();
    } catch (error) {
      const { faults, message } = error as ConfigError;
      expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
        'PORT',
        'DATABASE_URL',
        'PUBLIC_URL',
        'SANDBOX',
        'MAIL_FROM',
        'LOG_LEVEL',
        'OPENAI_API_KEY',
      ]);
      expect(message).not.toMatch(/hunter2|line/);
    }
  });

  test.each(['hub@hub.example', 'The Hub <hub@hub.example>', 'Hüb, Inc. <hub@hub.example>'])(
    'take %s for the sender of messages',
    (mailFrom) => {
      expect(readConfig({ MAIL_FROM: mailFrom })).toMatchObject({ mailFrom });
    },
  );

  test.each(['hub', 'Hub <hub>', 'a@b <c@d> e', '<a@b>, <c@d>', 'Hub\r\nBcc: x <a@b>'])(
    'do not take %s for the sender of messages',
    (mailFrom) => {
      expect(() => readConfig({ MAIL_FROM: mailFrom })).toThrow('MAIL_FROM must be an address');
    },
  );

  test('switch a provider on by its key, or by its address where it needs no key', () => {
    const { providers } = readConfig({
      OPENAI_API_KEY: 'sk-1',
      OLLAMA_BASE_URL: 'http://10.0.0.5:11434',
    });
    expect(Object.fromEntries(providers)).toEqual({
      openai: { baseUrl: 'https://api.openai.com/v1', credential: 'sk-1', privateNetwork: false },
      ollama: { baseUrl: 'http://10.0.0.5:11434', credential: undefined, privateNetwork: true },
    });
  });

  test.each([
    ['http://127.0.0.1:9', 'http://127.0.0.1:9'],
    ['http://127.0.0.1:9/', 'http://127.0.0.1:9'],
    ['http://127.0.0.1:9/v1', 'http://127.0.0.1:9'],
    ['http://127.0.0.1:9/v1/', 'http://127.0.0.1:9'],
    ['http://127.0.0.1:9/proxy/v1', 'http://127.0.0.1:9/proxy'],
    ['http://127.0.0.1:9/v1/proxy', 'http://127.0.0.1:9/v1/proxy'],
  ])("take %s for the root %s of Ollama's server", (given, used) => {
    const { providers } = readConfig({ OLLAMA_BASE_URL: given });
    expect(providers.get('ollama')?.baseUrl).toBe(used);
  });

  test.each([
    ['http://127.0.0.1:9', 'http://127.0.0.1:9/v1'],
    ['http://127.0.0.1:9/', 'http://127.0.0.1:9/v1'],
    ['http://127.0.0.1:9/v1/', 'http://127.0.0.1:9/v1'],
    ['http://127.0.0.1:9/proxy/anthropic', 'http://127.0.0.1:9/proxy/anthropic'],
  ])('take %s as the address %s', (given, used) => {
    const { providers } = readConfig({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: given });
    expect(providers.get('anthropic')?.baseUrl).toBe(used);
  });

  const KEY = Buffer.alloc(32, 0xfb);
  test.each([KEY.toString('base64'), KEY.toString('base64url'), KEY.toString('hex')])(
    'take %s for the key that seals',
    (text) => {
      expect(Buffer.from(readConfig({ SECRETS_KEY: text }).secretsKey ?? [])).toEqual(KEY);
    },
  );

  test.each([
    KEY.toString('base64').slice(0, -4),
    KEY.toString('hex').slice(2),
    `${KEY.toString('base64').slice(0, -2)}!=`,
    'a password that is long enough to be 32 bytes',
  ])('refuse %s as the key that seals, and do not repeat it', (text) => {
    const read = () => readConfig({ SECRETS_KEY: text });
    expect(read).toThrow(/^Wrong settings: SECRETS_KEY must be 32 bytes/);
    expect(read).not.toThrow(text);
  });

  test('refuse a previous key without a current one', () => {
    const read = () => readConfig({ SECRETS_KEY_PREVIOUS: KEY.toString('hex') });
    expect(read).toThrow('SECRETS_KEY_PREVIOUS needs SECRETS_KEY');
  });

  const GOOGLE = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' };
  test.each([
    'https://accounts.google.com',
    'https://id.example/realm',
    'http://127.0.0.1:4000',
    'http://localhost:4000',
    'http://[::1]:4000',
  ])('let people sign in with Google at %s', (issuer) => {
    const { google } = readConfig({ ...GOOGLE, GOOGLE_ISSUER: issuer });
    expect(google).toEqual({ issuer, clientId: 'id', clientSecret: 'secret' });
  });

  test.each([
    'http://id.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.example',
    'http://10.0.0.1',
    'ftp://localhost',
  ])('refuse %s as an issuer, because secrets would go over it', (issuer) => {
    const read = () => readConfig({ ...GOOGLE, GOOGLE_ISSUER: issuer });
    expect(read).toThrow(/GOOGLE_ISSUER must be a URL that starts with https/);
  });

  test('switch Google on by both of its settings only', () => {
    expect(readConfig({}).google).toBeUndefined();
    expect(() => readConfig({ GOOGLE_CLIENT_ID: 'id' })).toThrow(/are set together/);
  });

  test.each([
    [{ STRIPE_SECRET_KEY: 'sk_test_1' }, false],
    [{ STRIPE_SECRET_KEY: 'sk_live_1' }, true],
    [{ NOWPAYMENTS_API_KEY: 'x' }, true],
  ])('tell from %j whether real money comes in: %s', (env, expected) => {
    expect(readConfig(env).livePayments).toBe(expected);
  });

  test('give Bedrock a key, in the region that they name', () => {
    const { providers } = readConfig({ BEDROCK_API_KEY: 'k', BEDROCK_REGION: 'eu-central-1' });
    expect(providers.get('bedrock')).toEqual({
      baseUrl: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
      credential: 'k',
      privateNetwork: false,
    });
  });

  test('give Bedrock a pair of keys instead, for the usual region, at an address of their own', () => {
    const { providers } = readConfig({
      BEDROCK_ACCESS_KEY_ID: 'id',
      BEDROCK_SECRET_ACCESS_KEY: 'secret',
      BEDROCK_SESSION_TOKEN: 'token',
      BEDROCK_BASE_URL: 'http://127.0.0.1:9/{region}/',
    });
    expect(providers.get('bedrock')).toEqual({
      baseUrl: 'http://127.0.0.1:9/us-east-1',
      credential: {
        accessKeyId: 'id',
        secretAccessKey: 'secret',
        sessionToken: 'token',
        region: 'us-east-1',
        service: 'bedrock',
      },
      privateNetwork: true,
    });
  });

  test.each([
    [{ BEDROCK_ACCESS_KEY_ID: 'id' }, /must be set together/],
    [{ BEDROCK_SECRET_ACCESS_KEY: 'secret' }, /must be set together/],
    [{ BEDROCK_API_KEY: 'k', BEDROCK_ACCESS_KEY_ID: 'id' }, /must be empty where BEDROCK_API_KEY/],
    [{ BEDROCK_REGION: 'us-east-1.evil.example/' }, /must be an AWS region/],
  ])('do not give Bedrock half of something, or two: %j', (env, fault) => {
    expect(() => readConfig(env)).toThrow(fault);
  });

  test.each([
    ['AZURE', 'https://me.openai.azure.com', 'https://me.openai.azure.com/openai/v1'],
    ['AZURE', 'https://me.openai.azure.com/openai/v1/', 'https://me.openai.azure.com/openai/v1'],
    ['MOONSHOT', 'https://api.moonshot.cn', 'https://api.moonshot.cn'],
    ['MOONSHOT', 'https://api.moonshot.cn/v1', 'https://api.moonshot.cn'],
    ['DEEPSEEK', 'https://api.deepseek.com/v1', 'https://api.deepseek.com'],
    ['MINIMAX', 'https://api.minimaxi.com/v1/', 'https://api.minimaxi.com'],
    ['BEDROCK', 'https://proxy.example/v1', 'https://proxy.example/v1'],
    ['ZHIPU', 'https://open.bigmodel.cn', 'https://open.bigmodel.cn/api'],
  ])('complete the address of %s, %s, to %s', (name, given, used) => {
    const { providers } = readConfig({ [`${name}_API_KEY`]: 'k', [`${name}_BASE_URL`]: given });
    expect(providers.get(name.toLowerCase())?.baseUrl).toBe(used);
  });
});

describe('the accounts of a provider', () => {
  const accounts = [
    { label: 'main', key: 'k1', weight: 3, requests_per_minute: 500, tokens_per_minute: 90_000 },
    { label: 'spare', key: 'k2', concurrency: 4 },
    { label: 'plain', key: 'k3', weight: 0 },
  ];

  test('switch it on, each with its credential, its limits and its share', () => {
    const { providers } = readConfig({
      OPENAI_ACCOUNTS: JSON.stringify(accounts),
      PROVIDER_WEIGHTS: 'openai=2, azure=0.5',
    });
    const openai = providers.get('openai');
    expect(openai?.accounts).toMatchObject([
      {
        credential: 'k1',
        weight: 1.5,
        account: {
          label: 'main',
          limits: { requestsPerMinute: 500, tokensPerMinute: 90_000, concurrency: undefined },
        },
      },
      { credential: 'k2', weight: 0.5, account: { label: 'spare', limits: { concurrency: 4 } } },
      { credential: 'k3', weight: 0, account: { label: 'plain', limits: undefined } },
    ]);
    expect(openai?.credential).toBeUndefined();
  });

  test('may be pairs of keys where the provider takes those, in the one region', () => {
    const pair = { label: 'a', access_key_id: 'id', secret_access_key: 'secret' };
    const { providers } = readConfig({
      BEDROCK_ACCOUNTS: JSON.stringify([pair, { label: 'b', key: 'bearer' }]),
      BEDROCK_REGION: 'eu-west-1',
    });
    const [first, second] = providers.get('bedrock')?.accounts ?? [];
    expect(first?.credential).toMatchObject({ accessKeyId: 'id', region: 'eu-west-1' });
    expect(second?.credential).toBe('bearer');
  });

  test.each<readonly [string, unknown, RegExp]>([
    ['no list', {}, /must be a list of 1 to 32 accounts/],
    ['an empty list', [], /must be a list of 1 to 32 accounts/],
    ['no label', [{ key: 'secret-1' }], /account 1: label is not/],
    ['one label twice', [accounts[0], accounts[0]], /a label of its own/],
    ['no key', [accounts[0], { label: 'b' }], /account 2: key is not/],
    ['an unknown field', [{ ...accounts[0], rpm: 3 }], /right in account 1/],
    ['a limit of nothing', [{ ...accounts[1], concurrency: 0 }], /account 1: concurrency is not/],
    ['a key that is no header', [{ label: 'a', key: 'secret-1\n' }], /account 1: key is not/],
  ])('are refused with %s, and no secret is said', (_, list, fault) => {
    const read = () => readConfig({ OPENAI_ACCOUNTS: JSON.stringify(list) });
    expect(read).toThrow(fault);
    expect(read).not.toThrow(/k1|secret-1/);
  });

  test('exclude a single credential', () => {
    const env = { OPENAI_ACCOUNTS: JSON.stringify(accounts), OPENAI_API_KEY: 'k' };
    expect(() => readConfig(env)).toThrow('OPENAI_ACCOUNTS must be empty where another');
  });

  test.each(['openai', 'openai=', 'openai=-1', 'openai=1001', 'nobody=1', 'openai=1;azure=2'])(
    'have weights that are refused where they are none: %s',
    (text) => {
      expect(() => readConfig({ PROVIDER_WEIGHTS: text })).toThrow(/PROVIDER_WEIGHTS must be/);
    },
  );
});

describe('deployments at Azure', () => {
  const base = { AZURE_API_KEY: 'k', AZURE_BASE_URL: 'https://me.openai.azure.com' };

  test.each([
    ['', '/openai'],
    ['/', '/openai'],
    ['/openai', '/openai'],
    ['/openai/v1', '/openai'],
    ['/proxy', '/proxy'],
  ])('of a dated API lie below %j', (path, used) => {
    const address = base.AZURE_BASE_URL;
    const env = { ...base, AZURE_BASE_URL: address + path, AZURE_API_VERSION: '2024-10-21' };
    const azure = readConfig(env).providers.get('azure');
    expect(azure?.baseUrl).toBe(address + used);
    expect(azure?.paths?.['openai-chat']).toBe(
      '/deployments/{model}/chat/completions?api-version=2024-10-21',
    );
    expect(readConfig(base).providers.get('azure')?.paths).toBeUndefined();
  });

  test('have names of their own where the setting says so', () => {
    const env = { ...base, AZURE_DEPLOYMENTS: 'gpt-4o=mine, gpt-5.4=Other_1' };
    const named = readConfig(env).providers.get('azure')?.deployments;
    expect([...(named ?? [])]).toEqual([
      ['gpt-4o', 'mine'],
      ['gpt-5.4', 'Other_1'],
    ]);
  });

  test.each([
    ['AZURE_API_VERSION', 'v1'],
    ['AZURE_API_VERSION', '2024-10-21&x=1'],
    ['AZURE_DEPLOYMENTS', 'gpt-4o'],
    ['AZURE_DEPLOYMENTS', 'gpt-4o='],
    ['AZURE_DEPLOYMENTS', 'gpt-4o=a=b'],
    ['AZURE_DEPLOYMENTS', 'gpt-4o=../x'],
    ['AZURE_DEPLOYMENTS', 'gpt-4o=a,gpt-4o=b'],
  ])('are a fault where %s is %j', (name, text) => {
    expect(() => readConfig({ ...base, [name]: text })).toThrow(new RegExp(`${name} must be`));
  });
});

describe('a service account', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = {
    type: 'service_account',
    client_email: 'hub@project.example',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    private_key_id: 'key-1',
    token_uri: 'https://oauth2.googleapis.com/token',
  };
  const base = { VERTEX_BASE_URL: 'https://europe-west4-aiplatform.googleapis.com/v1/projects/p' };
  const account = {
    email: 'hub@project.example',
    privateKey: file.private_key,
    privateKeyId: 'key-1',
    tokenUrl: 'https://oauth2.googleapis.com/token',
  };

  test('switches Vertex on, as text or as a file', async () => {
    const text = JSON.stringify(file);
    const folder = await mkdtemp(join(tmpdir(), 'hub-account-'));
    const path = join(folder, 'key.json');
    await writeFile(path, text);
    try {
      for (const env of [{ VERTEX_SERVICE_ACCOUNT: text }, { VERTEX_SERVICE_ACCOUNT_FILE: path }]) {
        const { providers } = readConfig({ ...base, ...env });
        expect(providers.get('vertex')).toEqual({
          baseUrl: base.VERTEX_BASE_URL,
          credential: account,
          privateNetwork: true,
        });
      }
    } finally {
      await rm(folder, { recursive: true });
    }
    expect([...readConfig(base).providers.keys()]).toEqual([]);
  });

  test.each(['', '/publishers/google', '/publishers/google/'])(
    'reaches Gemini and Claude below an address that ends in %j',
    (ending) => {
      const address = `${base.VERTEX_BASE_URL}/locations/global`;
      const env = {
        VERTEX_BASE_URL: address + ending,
        VERTEX_SERVICE_ACCOUNT: JSON.stringify(file),
      };
      expect(readConfig(env).providers.get('vertex')?.baseUrl).toBe(address);
    },
  );

  test.each([
    ['no JSON', 'hunter2'],
    ['another file', JSON.stringify({ ...file, client_email: undefined })],
    ['no key', JSON.stringify({ ...file, private_key: 'hunter2' })],
    ['no address', JSON.stringify({ ...file, token_uri: 'file:///hunter2' })],
  ])('with %s is a fault, and not repeated', (_, text) => {
    const read = () => readConfig({ ...base, VERTEX_SERVICE_ACCOUNT: text });
    expect(read).toThrow(/VERTEX_SERVICE_ACCOUNT must/);
    expect(read).not.toThrow(/hunter2|PRIVATE|project/);
  });

  test('whose file is not there is a fault', () => {
    const read = () => readConfig({ ...base, VERTEX_SERVICE_ACCOUNT_FILE: '/no/such/file' });
    expect(read).toThrow(/VERTEX_SERVICE_ACCOUNT_FILE must be a file that can be read/);
  });
});
