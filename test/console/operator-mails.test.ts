// The operator's page of messages: what became of each, what lies in the outbox, and another try.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { MailsReply } from '../../src/console/contract-mail.ts';
import { makeMember } from '../identity/world.ts';
import { findMail, queue } from '../mail/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Browser, type TestConsole, failureOf, openConsole, signInAs } from './world.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`the operator's messages on ${db.label}`, () => {
    let hub: TestConsole;
    let root: Browser;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      const { person } = await makeMember(hub.sql, { isOperator: true });
      root = await signInAs(hub, person.email);
    });
    afterAll(() => hub.close());

    const list = async (before?: string): Promise<MailsReply> => {
      const query = before === undefined ? '' : `?before=${before}`;
      return (await root.get(`/operator/mails${query}`)).body as unknown as MailsReply;
    };
    const giveUp = (id: string) =>
      hub.sql
        .updateTable('mails')
        .set({ given_up_at: new Date(), attempts: 20, failure: 'smtp_550' })
        .where('id', '=', id)
        .execute();

    it('are listed with what became of them, the newest first, page by page', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 52; i++) ids.push(await queue(hub.sql));
      const [newest] = ids.toSorted().toReversed();
      await giveUp(newest ?? '');
      const first = await list();
      expect(first.transport).toBe('outbox');
      expect(first.mails[0]).toEqual({
        id: newest,
        kind: 'confirm_sign_up',
        address: 'ada@example.com',
        createdAt: expect.stringMatching(/^2\d{3}-.*Z$/),
        attempts: 20,
        failure: 'smtp_550',
        sentAt: null,
        givenUpAt: expect.stringMatching(/^2\d{3}-.*Z$/),
      });
      const rest = await list(first.next ?? '');
      expect([...first.mails, ...rest.mails].map(({ id }) => id)).toEqual(
        ids.toSorted().toReversed(),
      );
      expect([first.mails.length, rest.next]).toEqual([50, null]);
    });

    it('are tried again once they were given up, and only then', async () => {
      const id = await queue(hub.sql);
      const retry = (of: string) => root.post(`/operator/mails/${of}/retry`, {});
      expect(failureOf(await retry(id))).toMatchObject({ status: 404, code: 'not_found' });
      await giveUp(id);
      expect((await retry(id)).status).toBe(204);
      expect(await findMail(hub.sql, 'id', id)).toMatchObject({ given_up_at: null, attempts: 0 });
      for (const other of [id, newId('msg', 0), 'x', '%27%3B']) {
        expect((await retry(other)).status).toBe(404);
      }
    });

    it('are read from the outbox, where they lie there', async () => {
      const id = await queue(hub.sql);
      const read = (of: string) => root.get(`/operator/mails/${encodeURIComponent(of)}`);
      expect(failureOf(await read(id))).toMatchObject({ status: 404, code: 'not_found' });
      await hub.deliver(id, { subject: 'Hello', text: 'Open\nthis' });
      expect(await read(id)).toMatchObject({
        status: 200,
        body: { subject: 'Hello', text: 'Open\nthis' },
      });
      expect((await read('../../lock.pid')).status).toBe(404);
    });

    it('do not exist for anybody else', async () => {
      const { person } = await makeMember(hub.sql);
      const somebody = await signInAs(hub, person.email);
      const id = await queue(hub.sql);
      await hub.deliver(id, { subject: 'Hello', text: 'secret' });
      await giveUp(id);
      for (const path of ['/operator/mails', `/operator/mails/${id}`]) {
        expect(failureOf(await somebody.get(path))).toMatchObject({ status: 404 });
      }
      expect((await somebody.post(`/operator/mails/${id}/retry`, {})).status).toBe(404);
      expect((await findMail(hub.sql, 'id', id)).given_up_at).not.toBeNull();
    });
  });
}
