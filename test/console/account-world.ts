// What suites of a person's own account share: sessions whose last proof is old, the second step set
// up, and the mails about it.

import type { Sql } from '../../src/db/database.ts';
import { codeAt } from '../support/authenticator-app.ts';
import type { Browser, TestConsole } from './world.ts';

/** The last proof of who each of these people is was given an hour ago. */
export async function ageProofs(sql: Sql, personId: string): Promise<void> {
  await sql
    .updateTable('sessions')
    .set({ authenticated_at: new Date(Date.now() - 3_600_000) })
    .where('person_id', '=', personId)
    .where('stage', '=', 'signed_in')
    .execute();
}

export interface SetUp {
  /** Base 32. */
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** Sets the authenticator app up; the code that this takes is used, those of later steps are not. */
export async function setUpAuthenticator(hub: TestConsole, browser: Browser): Promise<SetUp> {
  const { body } = await browser.post('/account/authenticator', undefined);
  const secret = String(body['secret']);
  const code = codeAt(secret, hub.clock.wallMs());
  const confirmed = await browser.post('/account/authenticator/confirm', { code });
  if (confirmed.status !== 200) throw new Error(`confirming answers ${confirmed.status}`);
  return { secret, recoveryCodes: confirmed.body['recoveryCodes'] as string[] };
}

/** What a person was told of their proofs, oldest first. */
export async function toldChanges(sql: Sql, personId: string): Promise<unknown[]> {
  const rows = await sql
    .selectFrom('mails')
    .select(['address', 'facts'])
    .where('person_id', '=', personId)
    .where('kind', '=', 'second_factor_changed')
    .orderBy('id')
    .execute();
  return rows.map(({ facts }) => facts['change']);
}
