// The devices that a person has signed in with, so that a sign-in from a new one is told by mail. The
// first is no news: it is the one that the account was made with.

import { randomUUID } from 'node:crypto';
import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';
import { queueMail } from '../mail/queue.ts';
import type { Person } from './people.ts';
import type { ClientPlace } from './sessions.ts';

/** A device that was not seen for so long is a new one. */
const MEMORY_MS = 180 * 86_400_000;
const UNKNOWN_NETWORK = 'unknown';

/** Notes a sign-in, inside its transaction. */
export async function noteDevice(
  tx: Sql,
  { id, email }: Person,
  { device, ipPrefix }: ClientPlace,
  wallMs: number,
): Promise<void> {
  await tx
    .deleteFrom('person_devices')
    .where('person_id', '=', id)
    .where('last_seen_at', '<=', new Date(wallMs - MEMORY_MS))
    .execute();
  const known = await tx
    .selectFrom('person_devices')
    .select(['device', 'ip_prefix'])
    .where('person_id', '=', id)
    .execute();
  const network = ipPrefix ?? UNKNOWN_NETWORK;
  const now = new Date(wallMs);
  const { isNew } = await tx
    .insertInto('person_devices')
    .values({ person_id: id, device, ip_prefix: network, last_seen_at: now })
    .onConflict((conflict) =>
      conflict.columns(['person_id', 'device', 'ip_prefix']).doUpdateSet({ last_seen_at: now }),
    )
    // Of several at the same time, the one that inserts the row.
    .returning(rawSql<boolean>`xmax = 0`.as('isNew'))
    .executeTakeFirstOrThrow();
  if (!isNew || known.length === 0) return;
  const about = { address: email, personId: id, onceKey: `new_device:${randomUUID()}` };
  const facts = { device, ipPrefix, at: now.toISOString() };
  await queueMail(tx, { kind: 'new_device', ...about, facts }, wallMs);
}
