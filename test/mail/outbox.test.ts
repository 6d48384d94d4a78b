// The outbox on a real disk: readable by the operator alone, whole files only, and gone with the mail.

import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { forgetOldMails } from '../../src/mail/due.ts';
import { type Outbox, openOutbox } from '../../src/mail/outbox.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { FROM, findMail, queue, startTestSender, waitUntil } from './world.ts';

const { signal } = new AbortController();
const DAY_MS = 86_400_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`the outbox on ${db.label}`, () => {
    let open: OpenTestDatabase;
    let parent: string;
    let folder: string;
    let outbox: Outbox;
    beforeAll(async () => {
      open = await openTestDatabase(db.name);
    });
    beforeEach(async () => {
      parent = await mkdtemp(join(tmpdir(), 'hub-outbox-'));
      folder = join(parent, 'outbox');
      outbox = openOutbox(folder);
    });
    afterEach(async () => {
      await rm(parent, { recursive: true });
      await open.database.sql.deleteFrom('mails').execute();
    });
    afterAll(() => open.drop());

    const message = (id: string) => ({
      id,
      messageId: `<${id}@hub.example>`,
      from: FROM,
      to: 'ada@example.com',
      subject: 'Hello',
      text: 'Open this:\n\nhttps://hub.example/confirm#token\n',
      html: '<p>Hello</p>',
    });
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

    it('keeps one private file a message, with its link in a line of its own', async () => {
      const { sql } = open.database;
      const id = await queue(sql);
      const sender = await startTestSender(open.database, outbox, { outbox });
      await waitUntil(async () => expect((await findMail(sql, 'id', id)).sent_at).not.toBeNull());
      await sender.stop();
      expect(await readdir(folder)).toEqual([`${id}.json`]);
      expect([await modeOf(folder), await modeOf(join(folder, `${id}.json`))]).toEqual([
        '700',
        '600',
      ]);
      const text = await readFile(join(folder, `${id}.json`), 'utf8');
      expect(text).toMatch(/^\s+"https:\/\/hub\.example\/inference\/confirm#token-of-the-link",$/m);
      expect(JSON.parse(text)).toMatchObject({ from: FROM, to: 'ada@example.com' });
    });

    it('is private where the folder was made by somebody more generous', async () => {
      const loose = process.umask(0);
      await outbox.send(message(newId('msg', 0)), signal).finally(() => process.umask(loose));
      expect(await modeOf(folder)).toBe('700');
      const [name = ''] = await readdir(folder);
      expect(await modeOf(join(folder, name))).toBe('600');
    });

    it('gives back what it has, and nothing else of the disk', async () => {
      const id = newId('msg', 0);
      expect(await outbox.read(id)).toBeUndefined();
      await outbox.send(message(id), signal);
      await outbox.send(message(id), signal);
      const { subject, text } = message(id);
      expect(await outbox.read(id)).toEqual({ subject, text });
      await writeFile(join(parent, 'secret.json'), '{"subject":"secret","text":[]}');
      for (const other of ['../secret', '..%2Fsecret', `${id}/../${id}`, '', newId('msg', 0)]) {
        expect(await outbox.read(other)).toBeUndefined();
      }
      await writeFile(join(folder, `${id}.json`), 'half a mess');
      expect(await outbox.read(id)).toBeUndefined();
    });

    it('says why it cannot write, and that it is worth another try', async () => {
      await writeFile(folder, 'no folder');
      await expect(outbox.send(message(newId('msg', 0)), signal)).rejects.toMatchObject({
        code: 'eexist',
        isPermanent: false,
      });
    });

    it('loses a message with its mail, a month after that was sent or given up', async () => {
      const { sql } = open.database;
      const age = async (days: number, column: 'sent_at' | 'given_up_at'): Promise<string> => {
        const id = await queue(sql);
        const at = new Date(Date.now() - days * DAY_MS);
        await sql
          .updateTable('mails')
          .set({ [column]: at })
          .where('id', '=', id)
          .execute();
        await outbox.send(message(id), signal);
        return id;
      };
      const kept = [await age(29, 'sent_at'), await age(29, 'given_up_at'), await queue(sql)];
      await age(31, 'sent_at');
      await age(31, 'given_up_at');
      await forgetOldMails(sql);
      const rows = await sql.selectFrom('mails').select('id').orderBy('id').execute();
      expect(rows.map(({ id }) => id)).toEqual(kept.toSorted());
      await outbox.sweep(sql, Date.now());
      const files = kept.slice(0, 2).map((id) => `${id}.json`);
      expect((await readdir(folder)).toSorted()).toEqual(files.toSorted());
    });

    it('loses what a process that died has begun, and keeps what is no message', async () => {
      await outbox.send(message(newId('msg', 0)), signal);
      const names = ['msg_old.json.1.draft', 'msg_new.json.2.draft', 'notes.txt'];
      for (const name of names) await writeFile(join(folder, name), '');
      const old = new Date(Date.now() - 2 * 3_600_000);
      await utimes(join(folder, 'msg_old.json.1.draft'), old, old);
      await outbox.sweep(open.database.sql, Date.now());
      expect((await readdir(folder)).toSorted()).toEqual(['msg_new.json.2.draft', 'notes.txt']);
    });

    it('is swept where it never was', async () => {
      await openOutbox(join(parent, 'nowhere')).sweep(open.database.sql, Date.now());
    });
  });
}
