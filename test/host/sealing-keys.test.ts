// Which keys a hub seals with: the operator's, or one of its own beside an embedded database.

import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealingKeys } from '../../src/host/sealing-keys.ts';
import { openVault } from '../../src/vault/seal.ts';

const NONE = { secretsKey: undefined, secretsKeyPrevious: undefined, databaseUrl: undefined };
const HERE = { personId: 'usr_a' };

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hub-keys-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const keyFile = () => join(dataDir, 'secrets.key');

describe('the keys that seal', () => {
  test('are one that the hub makes at its first start and keeps for itself alone', async () => {
    const [key, ...more] = sealingKeys({ ...NONE, dataDir });
    expect(key).toHaveLength(32);
    expect(more).toEqual([]);
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(keyFile(), 'utf8'), 'base64')).toEqual(Buffer.from(key!));
    expect(sealingKeys({ ...NONE, dataDir })).toEqual([key]);
  });

  test("are the operator's once they are set, and what the hub's own has sealed still opens", async () => {
    const [own] = sealingKeys({ ...NONE, dataDir });
    const sealed = openVault(own!).seal('secret', HERE);
    const [secretsKey, secretsKeyPrevious] = [randomBytes(32), randomBytes(32)];
    const keys = sealingKeys({ ...NONE, secretsKey, secretsKeyPrevious, dataDir });
    expect(keys).toEqual([secretsKey, secretsKeyPrevious, own]);
    const [current, ...previous] = keys;
    const vault = openVault(current!, ...previous);
    expect(vault.open(sealed, HERE)).toBe('secret');
    expect(vault.keyId).toBe(openVault(secretsKey).keyId);
  });

  test("are the operator's alone where they are set from the first start", async () => {
    const secretsKey = randomBytes(32);
    expect(sealingKeys({ ...NONE, secretsKey, dataDir })).toEqual([secretsKey]);
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('are none with PostgreSQL, where other nodes would not have it', async () => {
    const databaseUrl = 'postgres://hub@127.0.0.1/hub';
    expect(sealingKeys({ ...NONE, databaseUrl, dataDir })).toEqual([]);
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('are not made anew where the file is damaged, and its text is not shown', async () => {
    await writeFile(keyFile(), 'half of a key\n');
    const read = () => sealingKeys({ ...NONE, dataDir });
    expect(read).toThrow(/secrets\.key must be 32 bytes .*restore it from a backup/);
    expect(read).not.toThrow('half of');
    expect(await readFile(keyFile(), 'utf8')).toBe('half of a key\n');
  });
});
