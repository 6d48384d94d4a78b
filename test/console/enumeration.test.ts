import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTS } from '../../src/policy/documents.ts';
import { PASSWORD, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { proveWork } from '../support/work.ts';
import { type TestConsole, openConsole } from './world.ts';

const FORM = {
  name: 'Grace',
  isAdult: true,
  termsVersion: DOCUMENTS.terms.version,
  privacyVersion: DOCUMENTS.privacy.version,
};
/** How many are refused for their number. */
const BEYOND = 2;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    let known: string;
    let unknown: string;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      known = (await makeMember(hub.sql)).person.email;
      unknown = known.replace(/.@/, (end) => (end === '0@' ? '1@' : '0@'));
    });
    afterAll(() => hub.close());
    afterEach(() => hub.clock.advance(16 * 60_000));

    /** Everything that comes back, but for what is random and the seconds that go by. */
    const answerTo = async (path: string, body: object): Promise<string> => {
      const response = await fetch(`${hub.url}/api/v1${path}`, {
        method: 'POST',
        headers: { origin: hub.url, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const headers = [...response.headers].filter(([name]) => !/^(date|retry-after)$/.test(name));
      const whole = JSON.stringify([response.status, headers, await response.text()]);
      return whole.replace(/req_[0-9a-z]{26}/g, 'req_').replace(/(ih_session=)[\w-]{43}/g, '$1');
    };
    /** Up to the limit, and beyond it, where nothing else is looked at. */
    const answersTo = async (
      path: string,
      email: string,
      limit: number,
      form: () => Promise<object>,
    ) => {
      const answers = [];
      let body = {};
      for (let n = 0; n < limit + BEYOND; n++) {
        if (n < limit) body = await form();
        answers.push(await answerTo(path, { email, ...body }));
      }
      return answers;
    };

    it.each([
      ['/sign-in', 10, async () => ({ password: 'wrong password' })],
      ['/password-reset', 5, async () => ({ proofOfWork: await proveWork(hub.url) })],
      [
        '/sign-up',
        5,
        async () => ({ ...FORM, password: PASSWORD, proofOfWork: await proveWork(hub.url) }),
      ],
    ])('%s answers the same for every address, up to its limit', async (path, limit, form) => {
      const ofKnown = await answersTo(path, known, limit, form);
      hub.clock.advance(16 * 60_000);
      const ofUnknown = await answersTo(path, unknown, limit, form);
      expect(ofUnknown).toEqual(ofKnown);
      expect(ofKnown.filter((answer) => answer.startsWith('[429'))).toHaveLength(BEYOND);
      expect(new Set(ofKnown.slice(0, limit)).size).toBe(1);
    });

    it.each([
      ['/sign-up', { ...FORM, password: 'password1234' }],
      ['/sign-up', { ...FORM, password: PASSWORD, termsVersion: '1' }],
      ['/sign-in', { password: '' }],
    ])('%s refuses %o the same for every address', async (path, form) => {
      const proofs = [await proveWork(hub.url), await proveWork(hub.url)];
      const [ofKnown, ofUnknown] = [
        await answerTo(path, { email: known, proofOfWork: proofs[0], ...form }),
        await answerTo(path, { email: unknown, proofOfWork: proofs[1], ...form }),
      ];
      expect(ofUnknown).toBe(ofKnown);
      expect(ofKnown).toMatch(/^\[40[01],/);
    });

    it('leaves the same rows behind for every address', async () => {
      const tables = ['sign_ups', 'sessions', 'mails', 'spent_challenges'] as const;
      const rowsOf = async (email: string) => {
        for (const table of tables) await hub.sql.deleteFrom(table).execute();
        const form = { ...FORM, email, password: PASSWORD };
        await answerTo('/sign-up', { ...form, proofOfWork: await proveWork(hub.url) });
        await answerTo('/password-reset', { email, proofOfWork: await proveWork(hub.url) });
        const kept = [...tables, 'one_time_links' as const].map(async (table) => {
          const rows = await hub.sql.selectFrom(table).selectAll().execute();
          return [table, rows.length];
        });
        return Object.fromEntries(await Promise.all(kept)) as Record<string, number>;
      };
      const ofKnown = await rowsOf(known);
      expect(ofKnown).toMatchObject({ sign_ups: 1, sessions: 1, mails: 2, one_time_links: 0 });
      expect(await rowsOf(unknown)).toEqual(ofKnown);
    });
  });
}
