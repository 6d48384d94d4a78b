// The ways in that a person has by themselves: password, Google, passkeys. The last of them cannot be
// taken away; the lock on the person keeps two of them from going at the same time.

import { HubError } from '../base/errors.ts';
import type { Sql } from '../db/database.ts';

export interface WaysIn {
  readonly hasPassword: boolean;
  readonly hasGoogle: boolean;
  readonly passkeys: number;
}

/** Locks the person until the end of the transaction. Throws `not_found` where there is none. */
export async function lockWaysIn(tx: Sql, personId: string): Promise<WaysIn> {
  const person = await tx
    .selectFrom('people')
    .select('password_hash')
    .where('id', '=', personId)
    .forUpdate()
    .executeTakeFirst();
  if (!person) throw new HubError('not_found');
  const { google, passkeys } = await tx
    .selectNoFrom((eb) => [
      eb
        .exists(
          eb.selectFrom('google_identities').select('subject').where('person_id', '=', personId),
        )
        .as('google'),
      eb
        .selectFrom('passkeys')
        .select((count) => count.fn.countAll<bigint>().as('count'))
        .where('person_id', '=', personId)
        .as('passkeys'),
    ])
    .executeTakeFirstOrThrow();
  return {
    hasPassword: person.password_hash !== null,
    hasGoogle: Boolean(google),
    passkeys: Number(passkeys ?? 0n),
  };
}

/** Throws `conflict` where nothing is left once one has gone. */
export function requireWayIn({ hasPassword, hasGoogle, passkeys }: WaysIn): void {
  if (hasPassword || hasGoogle || passkeys > 0) return;
  const message = 'This is your only way to sign in. Set a password or add a passkey first.';
  throw new HubError('conflict', { message });
}
