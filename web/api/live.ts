// Keeps the console fresh by the workspace's server-sent events. A busy workspace sends many events
// a second: they are collected, and one refresh ends before the next begins.

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { eventsUrl } from './client.ts';
import { sessionQuery } from './queries.ts';

const ROOMS = ['activity', 'keys', 'balance'];
const PAUSE_MS = 250;
const REOPEN_MS = 5_000;

/** Refreshes what changed for as long as the calling component is mounted. */
export function useLiveWorkspace(workspaceId: string): void {
  const queryClient = useQueryClient();
  useEffect(() => watch(queryClient, workspaceId), [queryClient, workspaceId]);
}

function watch(queryClient: QueryClient, workspaceId: string): () => void {
  const refresh = createRefresher(queryClient, workspaceId);
  let source: EventSource | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let hasOpened = false;

  const open = () => {
    source = new EventSource(eventsUrl(workspaceId));
    source.addEventListener('open', () => {
      // Between two connections anything may have happened.
      if (hasOpened) refresh(ROOMS);
      hasOpened = true;
    });
    source.addEventListener('changed', (event: MessageEvent<string>) => {
      const room = roomOf(event.data);
      if (room) refresh([room]);
    });
    source.addEventListener('error', () => {
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

function roomOf(data: string): string | undefined {
  try {
    const { what } = JSON.parse(data) as { what?: unknown };
    return ROOMS.find((room) => room === what);
  } catch {
    return undefined;
  }
}
