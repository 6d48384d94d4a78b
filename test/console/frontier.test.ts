import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Member, PASSWORD, makeMember } from '../identity/world.ts';
import { type TestConsole, failureOf, openBrowser, openConsole, signInAs } from './world.ts';

describe('what other sites and programs may do', () => {
  let hub: TestConsole;
  let member: Member;
  beforeAll(async () => {
    hub = await openConsole('pglite');
    member = await makeMember(hub.sql);
  });
  afterAll(() => hub.close());

  /** Signs out with these headers: a change that needs nothing else. */
  async function signOutWith(headers: Record<string, string>, cookie: string): Promise<Response> {
    const sent = cookie === '' ? headers : { ...headers, cookie };
    return fetch(`${hub.url}/api/v1/sign-out`, { method: 'POST', headers: sent });
  }

  it.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, 403],
    [{}, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 204],
  ])('a change with the cookie and %o is answered with %i', async (headers, status) => {
    const { cookie } = await signInAs(hub, member.person.email);
    const response = await signOutWith(headers, cookie);
    expect(response.status).toBe(status);
    if (status === 403) {
      expect(await response.json()).toMatchObject({ error: { code: 'cross_origin' } });
      const browser = openBrowser(hub.url);
      browser.cookie = cookie;
      expect((await browser.get('/session')).body['person']).not.toBeNull();
    }
  });

  it("takes a change from the page's own origin, and from a program without a cookie", async () => {
    const { cookie } = await signInAs(hub, member.person.email);
    expect((await signOutWith({ origin: hub.url }, cookie)).status).toBe(204);
    expect((await signOutWith({}, '')).status).toBe(204);
    expect((await signOutWith({ origin: 'https://evil.example' }, '')).status).toBe(403);
  });

  it('believes no Host: a name that is pointed at the hub is another site', async () => {
    const { port } = new URL(hub.url);
    const post = (host: string, origin: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { host, origin };
        const options = { host: '127.0.0.1', port, method: 'POST', path: '/api/v1/sign-out' };
        const sent = request({ ...options, headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        sent.on('error', reject);
        sent.end();
      });
    for (const host of [`evil.example:${port}`, `203.0.113.9:${port}`, 'evil.example']) {
      expect(await post(host, `http://${host}`)).toBe(403);
      expect(await post(host, `https://${host}`)).toBe(403);
    }
    expect(await post('evil.example', hub.url)).toBe(204);
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      expect(await post('evil.example', `http://${name}:${port}`)).toBe(204);
      expect(await post('evil.example', `https://${name}:${port}`)).toBe(403);
      expect(await post(`${name}:1`, `http://${name}:1`)).toBe(403);
    }
  });

  it('lets no other site sign a browser in, or up', async () => {
    const { email } = member.person;
    const forms = ['/sign-in', '/sign-in/link', '/sign-up', '/sign-up/confirm', '/password-reset'];
    for (const origin of ['https://evil.example', 'null', '']) {
      for (const path of forms) {
        const browser = openBrowser(hub.url);
        const answer = await browser.post(path, { email, password: PASSWORD }, { origin });
        expect(failureOf(answer).code).toBe('cross_origin');
        expect(browser.cookie).toBe('');
      }
    }
  });

  it('takes JSON alone, of a bounded size', async () => {
    const browser = openBrowser(hub.url);
    const form = 'email=a%40b.co&password=x';
    const asForm = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await browser.post('/sign-in', form, asForm)).status).toBe(415);
    const asText = { 'content-type': 'text/plain' };
    expect((await browser.post('/sign-in', '{}', asText)).status).toBe(415);
    expect(failureOf(await browser.post('/sign-in', '{"email":'))).toMatchObject({
      status: 400,
      code: 'invalid_json',
    });
    const large = { email: 'a@b.co', password: 'x'.repeat(70_000) };
    expect(failureOf(await browser.post('/sign-in', large))).toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
  });

  it('answers what is not there in the shape of every failure', async () => {
    const browser = openBrowser(hub.url);
    const missing = await browser.get('/nothing');
    expect(failureOf(missing)).toMatchObject({ status: 404, code: 'not_found' });
    expect(missing.body).toMatchObject({ error: { requestId: expect.stringMatching(/^req_/) } });
    const outside = await fetch(`${hub.url}/api/elsewhere`);
    expect(await outside.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it('sends a strict policy, and on plain http nothing that insists on https', async () => {
    const { headers } = await openBrowser(hub.url).get('/session');
    const policy = headers.get('content-security-policy') ?? '';
    const directives = policy.split(';').map((part) => part.trim());
    expect(directives).toContain("default-src 'self'");
    expect(directives).toContain("style-src 'self' 'unsafe-inline'");
    expect(directives).toContain("img-src 'self' data:");
    expect(directives).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('tells nothing of a failure of its own, and logs no value of it', async () => {
    const browser = await signInAs(hub, member.person.email);
    await hub.sql.schema.alterTable('usage_records').renameTo('hidden_records').execute();
    try {
      const answer = await browser.get(`/workspaces/${member.workspaceId}/balance`);
      expect(failureOf(answer)).toMatchObject({ status: 500, code: 'internal' });
      expect(JSON.stringify(answer.body)).not.toContain('usage_records');
      const [logged] = hub.logged.splice(0);
      expect(logged?.event).toBe('console_request_failed');
      expect(logged?.fields).toMatchObject({ code: 'internal', sqlState: '42P01' });
      expect(JSON.stringify(logged)).not.toContain(member.workspaceId);
    } finally {
      await hub.sql.schema.alterTable('hidden_records').renameTo('usage_records').execute();
    }
  });
});

describe('behind https', () => {
  it('takes a change from the public origin alone', async () => {
    const hub = await openConsole('pglite', 'https://hub.example');
    try {
      const statusFrom = async (origin: string): Promise<number> =>
        (await openBrowser(hub.url).post('/sign-out', {}, { origin })).status;
      expect(await statusFrom('https://hub.example')).toBe(204);
      for (const origin of [hub.url, 'http://hub.example', 'https://hub.example:444']) {
        expect(await statusFrom(origin)).toBe(403);
      }
    } finally {
      await hub.close();
    }
  });

  it('marks the cookie Secure, insists on https, and takes the public origin', async () => {
    const hub = await openConsole('pglite', 'https://hub.example');
    try {
      const { email } = (await makeMember(hub.sql)).person;
      const browser = openBrowser(hub.url);
      const origin = 'https://hub.example';
      const done = await browser.post('/sign-in', { email, password: PASSWORD }, { origin });
      expect(done.status).toBe(200);
      expect(done.headers.getSetCookie()[0]).toMatch(/; Secure(;|$)/);
      expect(done.headers.get('strict-transport-security')).toMatch(/^max-age=/);
      expect(done.body['hub']).toMatchObject({ origin, baseUrl: `${origin}/v1` });
    } finally {
      await hub.close();
    }
  });
});
