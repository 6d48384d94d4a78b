// What the operator sees of the messages: what waits, what was sent and what was given up.

import type { Sql } from '../db/database.ts';
import type { MailsTable } from '../db/schema-people.ts';

export interface MailRow {
  readonly id: string;
  readonly kind: MailsTable['kind'];
  readonly address: string;
  readonly createdAt: Date;
  readonly attempts: number;
  readonly failure: string | null;
  readonly sentAt: Date | null;
  readonly givenUpAt: Date | null;
}

/** The newest first, from before a message of an earlier page. */
export function listMails(sql: Sql, before: string | undefined, limit: number): Promise<MailRow[]> {
  return sql
    .selectFrom('mails')
    .select(['id', 'kind', 'address', 'attempts', 'failure'])
    .select(['created_at as createdAt', 'sent_at as sentAt', 'given_up_at as givenUpAt'])
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
