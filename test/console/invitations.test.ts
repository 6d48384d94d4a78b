import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Invitation } from '../../src/console/contract-workspaces.ts';
import { inTransaction } from '../../src/db/database.ts';
import { makeMailLink } from '../../src/identity/mail-links.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { addMember } from './routes.ts';
import {
  type Browser,
  type TestConsole,
  failureOf,
  openBrowser,
  openConsole,
  signInAs,
} from './world.ts';

const DAY_MS = 86_400_000;
const INVALID = { status: 401, code: 'link_invalid' };

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`invitations on ${db.label}`, () => {
    let hub: TestConsole;
    let owner: Member;
    let browser: Browser;
    let home: string;
    let guest: Member;
    beforeAll(async () => {
      hub = await openConsole(db.name);
    });
    afterAll(() => hub.close());
    beforeEach(async () => {
      owner = await makeMember(hub.sql);
      guest = await makeMember(hub.sql);
      browser = await signInAs(hub, owner.person.email);
      home = `/workspaces/${owner.workspaceId}`;
    });

    const invite = (email: string, role = 'developer', by = browser) =>
      by.post(`${home}/invitations`, { email, role });
    const inviteGuest = async (role?: string): Promise<Invitation> =>
      (await invite(guest.person.email, role)).body as unknown as Invitation;
    const list = async (): Promise<Invitation[]> =>
      (await browser.get(`${home}/invitations`)).body['invitations'] as Invitation[];
    /** What the sender of mails gets when it writes the message. */
    const makeMail = (subjectId: string) => {
      const about = { kind: 'invitation', address: guest.person.email, personId: null } as const;
      const mail = { ...about, subjectId, attempt: 1 };
      return inTransaction(hub.sql, (tx) => makeMailLink(tx, mail, hub.clock.wallMs()));
    };
    const makeLink = async (invitationId: string): Promise<string> => {
      const made = await makeMail(invitationId);
      return (made !== 'drop' && made.link?.token) || 'no link';
    };
    const mailsOf = (id: string) =>
      hub.sql.selectFrom('mails').selectAll().where('subject_id', '=', id).execute();
    const asGuest = () => signInAs(hub, guest.person.email);
    const accept = async (token: string, by?: Browser) =>
      (by ?? (await asGuest())).post('/invitations/accept', { token });
    const look = (token: string) => openBrowser(hub.url).post('/invitations/look', { token });

    it('are mailed, looked at by anybody with the link, and accepted once by their address', async () => {
      const typed = guest.person.email.toUpperCase();
      const made = (await invite(typed)).body as unknown as Invitation;
      expect(made).toMatchObject({ email: guest.person.email, role: 'developer' });
      expect(await list()).toEqual([made]);
      const mails = await mailsOf(made.id);
      expect(mails).toMatchObject([{ kind: 'invitation', address: guest.person.email }]);
      expect(mails[0]?.facts).toEqual({
        workspaceName: 'Test',
        invitedBy: 'Ada',
        role: 'developer',
      });
      const token = await makeLink(made.id);
      const about = { workspaceName: 'Test', role: 'developer', invitedBy: 'Ada' };
      expect((await look(token)).body).toEqual({ ...about, email: guest.person.email });
      const own = await asGuest();
      const accepted = await accept(token, own);
      expect(accepted.body).toMatchObject({ id: owner.workspaceId, role: 'developer' });
      expect((await own.get(home)).status).toBe(200);
      expect(await list()).toEqual([]);
      for (const again of [await look(token), await accept(token, own)]) {
        expect(failureOf(again)).toMatchObject(INVALID);
      }
    });

    it('are worth nothing to whoever has another address, and are not used up by them', async () => {
      const token = await makeLink((await inviteGuest('admin')).id);
      const thief = await makeMember(hub.sql);
      const stolen = await accept(token, await signInAs(hub, thief.person.email));
      expect(failureOf(stolen)).toMatchObject({ status: 403, code: 'forbidden' });
      expect(failureOf(await accept(token, openBrowser(hub.url)))).toMatchObject({ status: 401 });
      expect((await accept(token)).status).toBe(200);
    });

    it('make one member of twenty acceptances at once', async () => {
      const token = await makeLink((await inviteGuest()).id);
      const own = await asGuest();
      const sent = await Promise.all(Array.from({ length: 20 }, () => accept(token, own)));
      const statuses = sent.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
    });

    it('end after a week, when they are taken back, and by a guess', async () => {
      const first = await inviteGuest();
      const token = await makeLink(first.id);
      expect((await browser.delete(`${home}/invitations/${first.id}`)).status).toBe(204);
      expect((await browser.delete(`${home}/invitations/${first.id}`)).status).toBe(404);
      const late = await makeLink((await inviteGuest()).id);
      hub.clock.advance(7 * DAY_MS);
      browser = await signInAs(hub, owner.person.email);
      expect(await list()).toEqual([]);
      for (const worthless of [token, late, 'guessed']) {
        expect(failureOf(await look(worthless))).toMatchObject(INVALID);
        expect(failureOf(await accept(worthless))).toMatchObject(INVALID);
      }
    });

    it('of another workspace are nobody’s to take back', async () => {
      const made = await inviteGuest();
      const stranger = await makeMember(hub.sql);
      const theirs = await signInAs(hub, stranger.person.email);
      const path = `/workspaces/${stranger.workspaceId}/invitations/${made.id}`;
      expect((await theirs.delete(path)).status).toBe(404);
      expect(await list()).toEqual([made]);
    });

    it('to the same address are renewed: another role, another mail, and the old link ends', async () => {
      const made = await inviteGuest('viewer');
      const token = await makeLink(made.id);
      hub.clock.advance(DAY_MS);
      const renewed = await inviteGuest('billing');
      expect(renewed).toMatchObject({ id: made.id, role: 'billing' });
      expect(Date.parse(renewed.expiresAt)).toBeGreaterThan(Date.parse(made.expiresAt));
      expect(await list()).toHaveLength(1);
      expect(await mailsOf(made.id)).toHaveLength(2);
      expect(failureOf(await look(token))).toMatchObject(INVALID);
      expect((await accept(await makeLink(made.id))).body).toMatchObject({ role: 'billing' });
    });

    it('make no owner, and invite no member', async () => {
      const owning = await invite('new@example.com', 'owner');
      expect(failureOf(owning)).toEqual({ status: 400, code: 'invalid_request', param: 'role' });
      const member = await addMember(hub, owner.workspaceId, 'viewer');
      const again = await invite(member.email);
      expect(failureOf(again)).toEqual({ status: 409, code: 'conflict', param: 'email' });
      expect(await list()).toEqual([]);
    });

    it('leave a member as they are who has come in by another way', async () => {
      const token = await makeLink((await inviteGuest('viewer')).id);
      const row = { workspace_id: owner.workspaceId, person_id: guest.person.id } as const;
      await hub.sql
        .insertInto('members')
        .values({ ...row, role: 'admin' })
        .execute();
      expect((await accept(token)).body).toMatchObject({ role: 'admin' });
      expect(await list()).toEqual([]);
    });

    it('hold only while whoever made them may invite', async () => {
      const admin = await addMember(hub, owner.workspaceId, 'admin');
      const asAdmin = await signInAs(hub, admin.email);
      const made = await invite(guest.person.email, 'admin', asAdmin);
      const token = await makeLink(String(made.body['id']));
      await browser.patch(`${home}/members/${admin.id}`, { role: 'viewer' });
      expect(failureOf(await accept(token))).toMatchObject(INVALID);
      expect(await list()).toEqual([]);
      expect(await makeMail(String(made.body['id']))).toBe('drop');
      await browser.delete(`${home}/members/${admin.id}`);
      expect(failureOf(await accept(token))).toMatchObject(INVALID);
      // The next one to that address is a new one of whoever makes it.
      expect(await inviteGuest('viewer')).toMatchObject({ role: 'viewer' });
    });

    it('wait by fifty at most, and are made by thirty in a quarter of an hour', async () => {
      const sendMany = (count: number, from: number) =>
        Promise.all(Array.from({ length: count }, (_, i) => invite(`g${from + i}@example.com`)));
      const first = await sendMany(31, 0);
      expect(first.filter(({ status }) => status === 200)).toHaveLength(30);
      const limited = first.find(({ status }) => status !== 200);
      expect(limited && failureOf(limited)).toMatchObject({ status: 429, code: 'rate_limited' });
      expect(limited?.headers.get('retry-after')).toMatch(/^\d+$/);
      hub.clock.advance(16 * 60_000);
      const second = await sendMany(25, 50);
      expect(second.filter(({ status }) => status === 200)).toHaveLength(20);
      expect(await list()).toHaveLength(50);
      hub.clock.advance(16 * 60_000);
      const waiting = await list();
      // Renewing one is no new one, and what is taken back makes room.
      expect((await invite(waiting[0]?.email ?? '')).status).toBe(200);
      expect((await invite('more@example.com')).status).toBe(409);
      await browser.delete(`${home}/invitations/${waiting[0]?.id}`);
      expect((await invite('more@example.com')).status).toBe(200);
    });

    it('leave no mail behind where they are refused', async () => {
      const member = await addMember(hub, owner.workspaceId, 'viewer');
      await invite(member.email);
      const mails = await hub.sql
        .selectFrom('mails')
        .select('id')
        .where('address', '=', member.email)
        .execute();
      expect(mails).toEqual([]);
    });
  });
}
