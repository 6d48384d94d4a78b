// What is sealed opens under its key, for its workspace and provider, and not otherwise.

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealError, type SealContext, openVault } from '../../src/vault/seal.ts';

const KEY = randomBytes(32);
const HERE: SealContext = { workspaceId: 'ws_a', provider: 'openai' };

/** Sealed by the first version of the format, under 32 bytes of 7. */
const KEPT = Object.freeze({
  keyId: '9b934b666e76d9c0',
  bytes: Buffer.from('MiBsShlCpO4KnhK5Wu2Jkqlv6RWqfCjsCHPbbZT/O1yzznjAHlnn+vo=', 'base64'),
});

describe('a sealed credential', () => {
  it('opens where it was sealed, whatever it says', () => {
    const vault = openVault(KEY);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        expect(vault.open(vault.seal(text, HERE), HERE)).toBe(text);
      }),
    );
  });

  it('is another one each time, and shows nothing of what it says', () => {
    const vault = openVault(KEY);
    const text = 'sk-secret-credential';
    const [one, two] = [vault.seal(text, HERE), vault.seal(text, HERE)];
    expect(Buffer.from(one.bytes)).not.toEqual(Buffer.from(two.bytes));
    expect(Buffer.from(one.bytes).toString('latin1')).not.toContain('secret');
    expect(one.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(KEY.toString('hex')).not.toContain(one.keyId);
  });

  it.each<SealContext>([
    { ...HERE, workspaceId: 'ws_b' },
    { ...HERE, provider: 'anthropic' },
    { workspaceId: 'ws_a\nopenai', provider: '' },
  ])('does not open for %j', (elsewhere) => {
    const vault = openVault(KEY);
    expect(() => vault.open(vault.seal('secret', HERE), elsewhere)).toThrow(SealError);
  });

  it('opens although it was sealed by an earlier version of the hub', () => {
    expect(openVault(Buffer.alloc(32, 7)).open(KEPT, HERE)).toBe('sk-kept-since');
  });

  it('is never taken for the secret of a person, nor that for one of another person', () => {
    const vault = openVault(KEY);
    const contexts: SealContext[] = [
      HERE,
      { personId: 'usr_a' },
      { personId: 'usr_b' },
      { personId: 'ws_a\nopenai' },
    ];
    for (const sealedFor of contexts) {
      const sealed = vault.seal('secret', sealedFor);
      for (const openedFor of contexts) {
        if (openedFor === sealedFor) expect(vault.open(sealed, openedFor)).toBe('secret');
        else expect(() => vault.open(sealed, openedFor)).toThrow(SealError);
      }
    }
  });

  it('does not open once any bit of it is another, or any part of it is missing', () => {
    const vault = openVault(KEY);
    const { keyId, bytes } = vault.seal('secret', HERE);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const broken = Buffer.from(bytes);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => vault.open({ keyId, bytes: broken }, HERE)).toThrow(SealError);
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = { keyId, bytes: bytes.subarray(0, length) };
      expect(() => vault.open(cut, HERE)).toThrow(SealError);
    }
  });

  it('does not open under another key, not even one that takes its name', () => {
    const sealed = openVault(KEY).seal('secret', HERE);
    const other = openVault(randomBytes(32));
    expect(() => other.open(sealed, HERE)).toThrow(SealError);
    expect(() => other.open({ ...sealed, keyId: other.keyId }, HERE)).toThrow(SealError);
  });

  it('opens under the previous key, and what is sealed anew needs it no more', () => {
    const next = randomBytes(32);
    const sealed = openVault(KEY).seal('secret', HERE);
    const turning = openVault(next, KEY);
    const text = turning.open(sealed, HERE);
    expect(text).toBe('secret');
    expect(openVault(next).open(turning.seal(text, HERE), HERE)).toBe('secret');
  });
});
