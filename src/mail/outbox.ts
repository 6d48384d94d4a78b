// The folder in which messages land where there is no SMTP server: one file a message, for the
// operator's eyes alone, because links in them open accounts. All processes of a machine share it. A
// file goes when its mail is forgotten.

import { chmod, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isId } from '../base/ids.ts';
import { arrayOf, objectOf, parseJson, stringOf } from '../base/json.ts';
import type { Sql } from '../db/database.ts';
import { MailFailure, type Message, type Transport } from './port.ts';

/** What a process that died in the middle has left: no writing takes that long. */
const DRAFT_MS = 3_600_000;
const MAIL_FILE = /^(msg_[0-9a-z]{26})\.json$/;
const DRAFT_FILE = /\.draft$/;

export interface OutboxMessage {
  readonly subject: string;
  readonly text: string;
}

export interface Outbox extends Transport {
  /** Undefined where this machine has no such message. */
  read(mailId: string): Promise<OutboxMessage | undefined>;
  /** Removes the messages of mails that are forgotten. */
  sweep(sql: Sql, wallMs: number): Promise<void>;
}

/** The folder is made with the first message. */
export function openOutbox(folder: string): Outbox {
  return {
    kind: 'outbox',
    async send(message) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await chmod(folder, 0o700);
        await writeWhole(join(folder, `${message.id}.json`), describe(message));
      } catch (error) {
        const code = (error as { code?: string }).code?.toLowerCase() ?? 'failed';
        throw new MailFailure(code, false);
      }
    },
    async read(mailId) {
      if (!isId('msg', mailId)) return undefined;
      const file = join(folder, `${mailId}.json`);
      const message = objectOf(parseJson((await unlessMissing(readFile(file, 'utf8'))) ?? ''));
      const subject = stringOf(message?.['subject']);
      if (subject === undefined) return undefined;
      const lines = arrayOf(message?.['text']).map((line) => stringOf(line) ?? '');
      return { subject, text: lines.join('\n') };
    },
    sweep: (sql, wallMs) => sweep(folder, sql, wallMs),
    close: () => undefined,
  };
}

/** The text line by line, so that a link can be copied from the file as it stands. */
function describe({ from, to, messageId, subject, text, html }: Message): string {
  const message = { from, to, messageId, subject, text: text.split('\n'), html };
  return `${JSON.stringify(message, null, 2)}\n`;
}

/** Readers see the whole file or none, after a power cut too. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function sweep(folder: string, sql: Sql, wallMs: number): Promise<void> {
  const names = (await unlessMissing(readdir(folder))) ?? [];
  const ids = names.flatMap((name) => MAIL_FILE.exec(name)?.[1] ?? []);
  const kept = await existing(sql, ids);
  for (const id of ids) {
    if (!kept.has(id)) await rm(join(folder, `${id}.json`), { force: true });
  }
  for (const name of names.filter((each) => DRAFT_FILE.test(each))) {
    const draft = await unlessMissing(stat(join(folder, name)));
    if (draft && wallMs - draft.mtimeMs > DRAFT_MS) await rm(join(folder, name), { force: true });
  }
}

async function existing(sql: Sql, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await sql
    .selectFrom('mails')
    .select('id')
    .where((eb) => eb('id', '=', eb.fn.any(eb.val([...ids]))))
    .execute();
  return new Set(rows.map(({ id }) => id));
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}
