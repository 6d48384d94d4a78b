// Queued mails as their sender sees them: the newest to an address, with the link that is made for it
// when it is written.

import { type Sql, inTransaction } from '../../src/db/database.ts';
import type { MailKind } from '../../src/db/schema-people.ts';
import { type MailLink, makeMailLink } from '../../src/identity/mail-links.ts';

/** The facts of the mails of one kind to an address, the oldest first. */
export async function mailsTo(sql: Sql, address: string, kind?: MailKind) {
  const rows = await sql
    .selectFrom('mails')
    .select(['kind', 'facts'])
    .where('address', '=', address)
    .orderBy('id')
    .execute();
  return rows.filter((row) => kind === undefined || row.kind === kind);
}

/** What the newest mail of a kind to an address would carry; undefined where none is queued. */
export function writeMail(
  sql: Sql,
  kind: MailKind,
  address: string,
  wallMs: number,
): Promise<MailLink | 'drop' | undefined> {
  return inTransaction(sql, async (tx) => {
    const mail = await tx
      .selectFrom('mails')
      .select(['kind', 'address', 'person_id as personId', 'subject_id as subjectId'])
      .where('address', '=', address)
      .where('kind', '=', kind)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .executeTakeFirst();
    return mail && makeMailLink(tx, { ...mail, attempt: 1 }, wallMs);
  });
}

/** The token of the link in the newest mail of a kind to an address. */
export async function tokenTo(
  sql: Sql,
  kind: MailKind,
  address: string,
  wallMs: number,
): Promise<string> {
  const written = await writeMail(sql, kind, address, wallMs);
  const link = typeof written === 'object' ? written.link : undefined;
  if (!link) throw new Error(`no link in a mail of the kind ${kind}`);
  return link.token;
}
