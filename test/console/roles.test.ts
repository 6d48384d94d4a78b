// Who may do what in a workspace: every role, strangers and nobody, against every route.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { ROLES, ROUTES, type Things, addKey, addMember, callRoute } from './routes.ts';
import { type TestConsole, openConsole, signInAs } from './world.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`who may what on ${db.label}`, () => {
    let hub: TestConsole;
    let owner: Member;
    let things: Things;
    const cookies = new Map<string, string>();
    beforeAll(async () => {
      hub = await openConsole(db.name);
      owner = await makeMember(hub.sql);
      const { workspaceId } = owner;
      const { id: keyId } = await addKey(hub, { workspaceId, createdBy: owner.person.id });
      const { id: personId } = await addMember(hub, workspaceId, 'viewer');
      things = { workspaceId, keyId, personId };
      cookies.set('owner', (await signInAs(hub, owner.person.email)).cookie);
      for (const role of ROLES.slice(1)) {
        const { email } = await addMember(hub, workspaceId, role);
        cookies.set(role, (await signInAs(hub, email)).cookie);
      }
      const stranger = await makeMember(hub.sql);
      cookies.set('a stranger', (await signInAs(hub, stranger.person.email)).cookie);
      const operator = await makeMember(hub.sql, { isOperator: true });
      cookies.set('an operator', (await signInAs(hub, operator.person.email)).cookie);
    });
    afterAll(() => hub.close());

    const callAs = (who: string, route: (typeof ROUTES)[number]) =>
      callRoute(hub.url, route, things, { origin: hub.url, cookie: cookies.get(who) ?? '' });

    it.each(ROUTES.map((route) => [route.method, route.path, route] as const))(
      '%s …%s lets those in whose role it is for, and answers others as if it were not there',
      async (_method, path, route) => {
        // From the least role up, so that nothing is gone before somebody has asked for it.
        for (const role of ROLES.toReversed()) {
          const { status, code } = await callAs(role, route);
          const may = route.roles.includes(role);
          expect({ role, status }).toEqual({ role, status: may ? route.status : 403 });
          if (!may) expect(code).toBe('forbidden');
        }
        expect(await callAs('a stranger', route)).toMatchObject({ status: 404, code: 'not_found' });
        // Operators have no more of a workspace than balance to give.
        const asOperator = await callAs('an operator', route);
        expect(asOperator.status).toBe(path === '/grants' ? 200 : 404);
        const nobody = await callRoute(hub.url, route, things, { origin: hub.url });
        expect(nobody).toMatchObject({ status: 401, code: 'not_signed_in' });
      },
    );
  });
}
