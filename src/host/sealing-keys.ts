// The keys that seal what must be read back: the operator's, or, beside an embedded database, one that
// the hub makes for itself, so that a hub without any settings can do all that others can. With
// PostgreSQL there may be other nodes, which would not have it.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sealingKey } from '../base/setting.ts';
import type { Config } from '../config.ts';
import { readText, writePrivateFile } from './data-dir.ts';

const KEY_BYTES = 32;

/** Under the first is sealed, all open; empty where there is none. Call it under the folder's lock. */
export function sealingKeys({
  secretsKey,
  secretsKeyPrevious,
  databaseUrl,
  dataDir,
}: Pick<Config, 'secretsKey' | 'secretsKeyPrevious' | 'databaseUrl' | 'dataDir'>): Uint8Array[] {
  const path = join(dataDir, 'secrets.key');
  const own = databaseUrl === undefined ? readKey(path) : undefined;
  const keys = [secretsKey, secretsKeyPrevious, own].filter((key) => key !== undefined);
  return keys.length > 0 || databaseUrl !== undefined ? keys : [makeKey(path)];
}

function readKey(path: string): Uint8Array | undefined {
  const text = readText(path)?.trim();
  if (text === undefined) return undefined;
  try {
    return sealingKey(text);
  } catch (cause) {
    // Its text must not be shown; a new one would not open what this one has sealed.
    const fault = (cause as Error).message;
    throw new Error(`The file ${path} ${fault}; restore it from a backup.`, { cause });
  }
}

function makeKey(path: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  writePrivateFile(path, `${key.toString('base64')}\n`);
  return key;
}
