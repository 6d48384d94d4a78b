// Keeps the console fresh by the workspace's server-sent events. A busy workspace sends many events
// a second: they are collected, and one refresh ends before the next begins.

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { eventsUrl } from './client.ts';
import { sessionQuery } from './queries.ts';

/** What to ask for again. A request that ended has also moved balance and budgets, and used a key. */
const STALE_AFTER: Readonly<Record<string, readonly string[]>> = {
  activity: ['activity', 'balance', 'keys', 'credentials', 'members'],
  balance: ['balance'],
  keys: ['keys'],
  credentials: ['credentials'],
  members: ['members', 'invitations', 'workspace'],
};
const PAUSE_MS = 250;
const REOPEN_MS = 5_000;
/** A restart of the hub is shorter than this; nobody needs to hear of it. */
const PATIENCE_MS = 4_000;

/** Refreshes what changed while the caller is mounted; false while the hub is out of reach. */
export function useLiveWorkspace(workspaceId: string): boolean {
  const queryClient = useQueryClient();
  const [isConnected, setConnected] = useState(true);
  useEffect(() => watch(queryClient, workspaceId, setConnected), [queryClient, workspaceId]);
  return isConnected;
}

function watch(
  queryClient: QueryClient,
  workspaceId: string,
  report: (isConnected: boolean) => void,
): () => void {
  const refresh = createRefresher(queryClient, workspaceId);
  let source: EventSource | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let reporting: ReturnType<typeof setTimeout> | undefined;
  let hasOpened = false;

  const open = () => {
    source = new EventSource(eventsUrl(workspaceId));
    source.addEventListener('open', () => {
      clearTimeout(reporting);
      reporting = undefined;
      report(true);
      // Between two connections anything may have happened.
      if (hasOpened) refresh(Object.keys(STALE_AFTER));
      hasOpened = true;
    });
    source.addEventListener('changed', (event: MessageEvent<string>) => {
      refresh(staleAfter(event.data));
    });
    source.addEventListener('error', () => {
      reporting ??= setTimeout(() => report(false), PATIENCE_MS);
      // The browser reconnects by itself unless the hub answered with an error: then the session
      // may be over, which the session query finds out.
      if (source?.readyState !== EventSource.CLOSED) return;
      void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      reopening = setTimeout(open, REOPEN_MS);
    });
  };

  open();
  return () => {
    clearTimeout(reopening);
    clearTimeout(reporting);
    source?.close();
  };
}

function createRefresher(queryClient: QueryClient, workspaceId: string) {
  const stale = new Set<string>();
  let running = false;

  const run = async () => {
    running = true;
    while (stale.size > 0) {
      const rooms = [...stale];
      stale.clear();
      await Promise.all(
        rooms.map((room) => queryClient.invalidateQueries({ queryKey: [room, workspaceId] })),
      );
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    running = false;
  };

  return (rooms: readonly string[]) => {
    for (const room of rooms) stale.add(room);
    if (!running) void run();
  };
}

function staleAfter(data: string): readonly string[] {
  try {
    const { what } = JSON.parse(data) as { what: string };
    return STALE_AFTER[what] ?? [];
  } catch {
    return [];
  }
}
