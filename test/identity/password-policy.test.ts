import { describe, expect, it } from 'vitest';
import { requireGoodPassword } from '../../src/identity/password-policy.ts';
import { PASSWORD } from './world.ts';

const OWN = ['Ada Lovelace', 'countess.ada@analytical-engine.example'];

const reasonOf = (password: string): Promise<string | undefined> =>
  requireGoodPassword(password, OWN).then(
    () => undefined,
    (error: { code: string; message: string; param: string }) => {
      expect(error).toMatchObject({ code: 'password_weak', param: 'password' });
      return error.message;
    },
  );

describe('a new password', () => {
  it.each([
    PASSWORD,
    'fkd9s8fj23kd',
    'gimme some of that pie',
    'пароль который никто не угадает',
    'ada likes her engines brass',
    'vier Wörter ohne Sinn',
  ])('is good when nobody guesses it early: %s', async (password) => {
    expect(await reasonOf(password)).toBeUndefined();
  });

  it.each([
    ['eleven char', /fewer than 12/],
    ['password1234', /most used/],
    ['iloveyou1234', /most used/],
    ['P@ssw0rd!2024', /most used/],
    ['summer2026!!', /most used/],
    ['aaaaaaaaaaaaaaaa', /repeats itself/],
    ['abcabcabcabcabc', /repeats itself/],
    ['hunter2hunter2', /repeats itself/],
    ['123456789012', /most used/],
    ['adalovelace1815', /own name/],
    ['Lovelace.Ada!26', /own name/],
    ['AnalyticalEngine99', /own name/],
    ['inferencehub2026', /own name/],
    ['ａｄａｌｏｖｅｌａｃｅ１８１５', /own name/],
  ])('is refused with the reason: %s', async (password, reason) => {
    expect(await reasonOf(password)).toMatch(reason);
  });

  it('needs no capitals, digits or signs', async () => {
    expect(await reasonOf('morningriverlanternfox')).toBeUndefined();
  });

  it('is weighed by its beginning, however long it is', async () => {
    expect(await reasonOf(`fkd9s8fj23kd${'a'.repeat(200)}`)).toBeUndefined();
    expect(await reasonOf(`${'a'.repeat(200)}fkd9s8fj23kd`)).toMatch(/repeats itself/);
  });
});
