// Which second proof a person is asked for after the password or Google. Whoever has set up an
// authenticator app is asked; a passkey is both proofs at once and answers that question too.

import { newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { MailFacts } from '../mail/kinds.ts';
import { queueMail } from '../mail/queue.ts';
import type { Person } from './people.ts';

export type SecondFactor = 'authenticator' | 'recovery_code' | 'passkey';

/** The ways to answer, in the order in which they are offered; none where nobody is asked. */
export async function secondFactorsOf(sql: Sql, personId: string): Promise<SecondFactor[]> {
  const row = await sql
    .selectFrom('people')
    .select((eb) => [
      'totp_confirmed_at',
      eb.exists(eb.selectFrom('recovery_codes').where('person_id', '=', personId)).as('has_codes'),
      eb.exists(eb.selectFrom('passkeys').where('person_id', '=', personId)).as('has_passkey'),
    ])
    .where('id', '=', personId)
    .executeTakeFirst();
  if (!row?.totp_confirmed_at) return [];
  const factors: SecondFactor[] = ['authenticator'];
  if (row.has_passkey) factors.push('passkey');
  if (row.has_codes) factors.push('recovery_code');
  return factors;
}

type Change = MailFacts['second_factor_changed']['change'];

/** Tells the person by mail, in the transaction of the change: a thief's is seen. */
export async function tellChange(
  tx: Sql,
  { id, email }: Person,
  change: Change,
  wallMs: number,
): Promise<void> {
  const at = new Date(wallMs).toISOString();
  const about = { address: email, personId: id, onceKey: `second_factor:${newId('msg', wallMs)}` };
  await queueMail(tx, { kind: 'second_factor_changed', ...about, facts: { change, at } }, wallMs);
}
