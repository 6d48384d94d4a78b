// Codes of the authenticator app and recovery codes: right in their time, each once, also raced; and
// what is kept of their secrets.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import {
  beginAuthenticator,
  confirmAuthenticator,
  removeAuthenticator,
  resealAuthenticators,
  useAuthenticatorCode,
} from '../../src/identity/authenticator.ts';
import type { Person } from '../../src/identity/people.ts';
import {
  countRecoveryCodes,
  renewRecoveryCodes,
  useRecoveryCode,
} from '../../src/identity/recovery-codes.ts';
import { type Vault, openVault } from '../../src/vault/seal.ts';
import { codeAt, wrongCode } from '../support/authenticator-app.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { makeMember } from './world.ts';

const KEY = randomBytes(32);
const STEP_MS = 30_000;
/** In the middle of a step. */
const NOW = 1_795_000_000_000 - (1_795_000_000_000 % STEP_MS) + STEP_MS / 2;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    const vault = openVault(KEY);
    let opened: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
    });
    afterAll(() => opened.drop());

    const begin = async (by: Vault = vault) => {
      const { person } = await makeMember(sql);
      const begun = await beginAuthenticator(sql, by, person, 'InferenceHub');
      return { person, ...begun };
    };
    /** Somebody whose app is in use; its code of five steps ago was taken. */
    const setUp = async (by: Vault = vault) => {
      const { person, secret } = await begin(by);
      const early = NOW - 5 * STEP_MS;
      await confirmAuthenticator(sql, by, person.id, codeAt(secret, early), early);
      return { person, secret };
    };
    const use = ({ id }: Person, code: string, wallMs = NOW) =>
      useAuthenticatorCode(sql, vault, id, code, wallMs);
    const rowOf = ({ id }: Person) =>
      sql.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

    it('gives a secret as text and as what apps scan', async () => {
      const { person, secret, uri } = await begin();
      expect(secret).toMatch(/^[A-Z2-7]{32}$/);
      const url = new URL(uri);
      expect(uri).toMatch(/^otpauth:\/\/totp\/InferenceHub:/);
      expect(decodeURIComponent(url.pathname)).toContain(person.email);
      expect(Object.fromEntries(url.searchParams)).toEqual({
        issuer: 'InferenceHub',
        secret,
        algorithm: 'SHA1',
        digits: '6',
        period: '30',
      });
    });

    it('asks for nothing until a code has confirmed that the app has the secret', async () => {
      const { person, secret } = await begin();
      expect(await use(person, codeAt(secret, NOW))).toBe(false);
      const wrong = wrongCode(secret, NOW);
      expect(await confirmAuthenticator(sql, vault, person.id, wrong, NOW)).toBe(false);
      expect((await rowOf(person)).totp_confirmed_at).toBeNull();
      const code = codeAt(secret, NOW);
      expect(await confirmAuthenticator(sql, vault, person.id, code, NOW)).toBe(true);
      expect(await use(person, code)).toBe(false);
      expect(await use(person, codeAt(secret, NOW + STEP_MS))).toBe(true);
    });

    it('takes a secret that is in the making for another, and one that is in use for none', async () => {
      const { person, secret: first } = await begin();
      const { secret } = await beginAuthenticator(sql, vault, person, 'InferenceHub');
      const confirm = (code: string) => confirmAuthenticator(sql, vault, person.id, code, NOW);
      expect(await confirm(codeAt(first, NOW))).toBe(false);
      expect(await confirm(codeAt(secret, NOW))).toBe(true);
      await expect(beginAuthenticator(sql, vault, person, 'InferenceHub')).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await use(person, codeAt(secret, NOW + STEP_MS))).toBe(true);
    });

    it.each([
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ])('takes a code of %i steps from now: %s', async (steps, expected) => {
      const { person, secret } = await setUp();
      expect(await use(person, codeAt(secret, NOW + steps * STEP_MS))).toBe(expected);
    });

    it('takes a code once, and none of an earlier step after it', async () => {
      const { person, secret } = await setUp();
      const [before, now, next] = [-1, 0, 1].map((n) => codeAt(secret, NOW + n * STEP_MS));
      expect(await use(person, now ?? '')).toBe(true);
      expect(await use(person, now ?? '')).toBe(false);
      expect(await use(person, before ?? '')).toBe(false);
      expect(await use(person, next ?? '')).toBe(true);
    });

    it('takes a code once of twenty tries at the same time', async () => {
      const { person, secret } = await setUp();
      const code = codeAt(secret, NOW);
      const uses = await Promise.all(Array.from({ length: 20 }, () => use(person, code)));
      expect(uses.filter(Boolean)).toHaveLength(1);
    });

    it('takes no code of another person’s app, nor what is no code', async () => {
      const { person, secret } = await setUp();
      const other = await setUp();
      const mine = codeAt(secret, NOW);
      for (const wrong of [codeAt(other.secret, NOW), '', '12345', `${mine}0`, ` ${mine}`]) {
        if (wrong !== mine) expect(await use(person, wrong)).toBe(false);
      }
    });

    it('keeps the secret sealed, for its person alone', async () => {
      const { person, secret } = await setUp();
      const other = await setUp();
      const kept = Buffer.from((await rowOf(person)).totp_sealed ?? []);
      expect(kept.toString('latin1')).not.toContain(secret);
      await sql
        .updateTable('people')
        .set({ totp_sealed: kept })
        .where('id', '=', other.person.id)
        .execute();
      await expect(use(other.person, codeAt(secret, NOW))).rejects.toMatchObject({
        code: 'conflict',
      });
    });

    it('is sealed anew under the next key, and what nobody can open is said and left', async () => {
      await sql.updateTable('people').set(NO_AUTHENTICATOR).execute();
      const { person, secret } = await setUp();
      await setUp(openVault(randomBytes(32)));
      const next = randomBytes(32);
      const turned = await resealAuthenticators(sql, openVault(next, KEY));
      expect(turned).toEqual({ resealed: 1, unreadable: 1 });
      const code = codeAt(secret, NOW);
      expect(await useAuthenticatorCode(sql, openVault(next), person.id, code, NOW)).toBe(true);
    });

    it('leaves nothing of an app that was removed, nor of its recovery codes', async () => {
      const { person, secret } = await setUp();
      await renewRecoveryCodes(sql, person.id);
      expect(await removeAuthenticator(sql, person.id)).toBe(true);
      expect(await rowOf(person)).toMatchObject(NO_AUTHENTICATOR);
      expect(await countRecoveryCodes(sql, person.id)).toBe(0);
      expect(await use(person, codeAt(secret, NOW))).toBe(false);
      expect(await removeAuthenticator(sql, person.id)).toBe(false);
    });

    it('gives ten recovery codes that people can copy, and keeps none of them', async () => {
      const { person } = await makeMember(sql);
      const codes = await renewRecoveryCodes(sql, person.id);
      expect(new Set(codes).size).toBe(10);
      for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-z]{4}){3}$/);
      const rows = await sql.selectFrom('recovery_codes').select('code_hash').execute();
      const kept = Buffer.concat(rows.map(({ code_hash }) => code_hash)).toString('latin1');
      expect(codes.some((code) => kept.includes(code.replaceAll('-', '')))).toBe(false);
    });

    it('takes a recovery code once, however it is typed, also of twenty tries at once', async () => {
      const { person } = await makeMember(sql);
      const other = await makeMember(sql);
      const [first = '', second = ''] = await renewRecoveryCodes(sql, person.id);
      expect(await useRecoveryCode(sql, other.person.id, first)).toBe(false);
      const typed = first.toUpperCase().replaceAll('-', ' ').replaceAll('1', 'l').replace('0', 'O');
      expect(await useRecoveryCode(sql, person.id, typed)).toBe(true);
      expect(await useRecoveryCode(sql, person.id, first)).toBe(false);
      const uses = await Promise.all(
        Array.from({ length: 20 }, () => useRecoveryCode(sql, person.id, second)),
      );
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await countRecoveryCodes(sql, person.id)).toBe(8);
    });

    it('ends the recovery codes from before when there are new ones', async () => {
      const { person } = await makeMember(sql);
      const [old = ''] = await renewRecoveryCodes(sql, person.id);
      await renewRecoveryCodes(sql, person.id);
      expect(await useRecoveryCode(sql, person.id, old)).toBe(false);
      expect(await countRecoveryCodes(sql, person.id)).toBe(10);
    });
  });
}

const NO_AUTHENTICATOR = {
  totp_sealed: null,
  totp_sealing_key: null,
  totp_confirmed_at: null,
  totp_last_step: null,
};
