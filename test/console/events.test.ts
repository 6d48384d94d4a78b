import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChanges } from '../../src/console/changes.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { type Browser, type TestConsole, openConsole, signInAs } from './world.ts';

interface Feed {
  /** What has come so far. */
  text(): string;
  readonly ended: Promise<void>;
  close(): void;
}

async function openFeed(hub: TestConsole, browser: Browser, workspaceId: string): Promise<Feed> {
  const leave = new AbortController();
  const response = await fetch(`${hub.url}/api/v1/workspaces/${workspaceId}/events`, {
    headers: { cookie: browser.cookie },
    signal: leave.signal,
  });
  if (response.status !== 200) throw new Error(`the feed answered ${response.status}`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toBe('no-store');
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array);
  };
  const ended = read().catch(() => undefined);
  return { text: () => text, ended, close: () => leave.abort() };
}

describe('the live feed of a workspace', () => {
  let hub: TestConsole;
  let member: Member;
  let browser: Browser;
  beforeAll(async () => {
    hub = await openConsole('pglite');
    member = await makeMember(hub.sql);
    browser = await signInAs(hub, member.person.email);
  });
  afterAll(() => hub.close());

  it('tells of every change of this workspace and of no other', async () => {
    const feed = await openFeed(hub, browser, member.workspaceId);
    const other = await makeMember(hub.sql);
    hub.changes.notify(other.workspaceId, 'balance');
    hub.changes.notify(member.workspaceId, 'activity');
    await browser.post(`/workspaces/${member.workspaceId}/keys`, { name: 'x', mode: 'live' });
    await expect.poll(feed.text).toContain('event: changed\ndata: {"what":"keys"}\n\n');
    expect(feed.text()).toContain('event: changed\ndata: {"what":"activity"}\n\n');
    expect(feed.text()).not.toContain('balance');
    feed.close();
  });

  it('is kept alive by comments', async () => {
    const feed = await openFeed(hub, browser, member.workspaceId);
    await expect.poll(() => feed.text().split(':\n\n').length).toBeGreaterThan(3);
    feed.close();
  });

  it('ends when its reader signs out', async () => {
    const own = await signInAs(hub, member.person.email);
    const feed = await openFeed(hub, own, member.workspaceId);
    await own.post('/sign-out', undefined);
    await feed.ended;
  });

  it('ends when its reader is a member no more', async () => {
    const guest = await makeMember(hub.sql);
    const own = await signInAs(hub, guest.person.email);
    const feed = await openFeed(hub, own, guest.workspaceId);
    await hub.sql.deleteFrom('members').where('person_id', '=', guest.person.id).execute();
    await feed.ended;
  });

  it('keeps no session alive by itself', async () => {
    const own = await signInAs(hub, member.person.email);
    const feed = await openFeed(hub, own, member.workspaceId);
    hub.clock.advance(15 * 86_400_000);
    await feed.ended;
    expect((await own.get('/session')).body['person']).toBeNull();
  });

  it('is bounded in number for one person', async () => {
    const own = await signInAs(hub, member.person.email);
    const opening = Array.from({ length: 40 }, () =>
      openFeed(hub, own, member.workspaceId).catch(() => undefined),
    );
    const feeds = (await Promise.all(opening)).filter((feed) => feed !== undefined);
    expect(feeds).toHaveLength(30);
    for (const feed of feeds) feed.close();
  });
});

describe('a console that closes', () => {
  it('ends its open feeds instead of waiting for them', async () => {
    const hub = await openConsole('pglite');
    const { person, workspaceId } = await makeMember(hub.sql);
    const feed = await openFeed(hub, await signInAs(hub, person.email), workspaceId);
    await hub.close();
    await feed.ended;
  });
});

describe('changes', () => {
  it('reach who listens, until they stop', () => {
    const changes = createChanges();
    const heard: string[] = [];
    const stopA = changes.onChange('ws_a', (what) => heard.push(`a1 ${what}`));
    changes.onChange('ws_a', (what) => heard.push(`a2 ${what}`));
    changes.onChange('ws_b', (what) => heard.push(`b ${what}`));
    changes.notify('ws_a', 'keys');
    stopA();
    stopA();
    changes.notify('ws_a', 'activity');
    changes.notify('ws_c', 'activity');
    expect(heard).toEqual(['a1 keys', 'a2 keys', 'a2 activity']);
  });
});
