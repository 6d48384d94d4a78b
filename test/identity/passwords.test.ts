import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from '../../src/identity/passwords.ts';

describe('passwords', () => {
  it('keeps argon2id with its parameters and a salt of its own each time', async () => {
    const [one, two] = await Promise.all([
      hashPassword('secret words'),
      hashPassword('secret words'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
  });

  it('verifies the password that was hashed and no other', async () => {
    const kept = await hashPassword('secret words');
    expect(await verifyPassword('secret words', kept)).toBe(true);
    expect(await verifyPassword('secret word', kept)).toBe(false);
    expect(await verifyPassword('', kept)).toBe(false);
  });

  it('takes a password composed in two ways for the same', async () => {
    const kept = await hashPassword('caf\u00e9 au lait');
    expect(await verifyPassword('cafe\u0301 au lait', kept)).toBe(true);
  });

  it('verifies a hash that was made with other parameters', async () => {
    const nonce = Buffer.from('0123456789abcdef');
    const cost = { memory: 8192, passes: 3, parallelism: 2, tagLength: 24 };
    const hash = argon2Sync('argon2id', { message: 'older', nonce, ...cost });
    const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
    const kept = `$argon2id$v=19$m=8192,t=3,p=2$${encode(nonce)}$${encode(hash)}`;
    expect(await verifyPassword('older', kept)).toBe(true);
    expect(await verifyPassword('newer', kept)).toBe(false);
  });

  it('says no for an account without a password, and works as long for it', async () => {
    const kept = await hashPassword('secret words');
    const time = async (hash: string | null): Promise<number> => {
      const began = performance.now();
      expect(await verifyPassword('another one', hash)).toBe(false);
      return performance.now() - began;
    };
    await time(kept);
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 5; i++) {
      known.push(await time(kept));
      unknown.push(await time(null));
    }
    // A lookup that skips the hash takes well under a millisecond.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3);
  });

  it('refuses when too many wait, rather than let all wait for ever', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 51 }, () => verifyPassword('guess', null)),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({ code: 'rate_limited' });
    expect(await verifyPassword('guess', null)).toBe(false);
  });
});
