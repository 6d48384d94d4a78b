// What the pages read, as cached queries. Keys begin with what changed, so that the workspace's
// events can refresh exactly that. Money is never shown from a guess: nothing here is optimistic.

import {
  infiniteQueryOptions,
  QueryCache,
  QueryClient,
  queryOptions,
  useQuery,
} from '@tanstack/react-query';
import type { SessionReply } from '../../src/console/contract.ts';
import {
  ApiFailure,
  type Book,
  getActivity,
  getBalance,
  getModels,
  getReceipt,
  getSession,
} from './client.ts';

const PAGE_ROWS = 50;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: getSession,
  staleTime: 60_000,
});

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: getModels,
  staleTime: 300_000,
});

export const balanceQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['balance', workspaceId],
    queryFn: () => getBalance(workspaceId),
  });

/** The newest requests of one book, or of both when none is named. */
export const latestQuery = (workspaceId: string, limit: number, book?: Book) =>
  queryOptions({
    queryKey: ['activity', workspaceId, 'latest', limit, book ?? 'both'],
    queryFn: () => getActivity(workspaceId, book ? { limit, book } : { limit }),
  });

export const activityQuery = (workspaceId: string, book: Book) =>
  infiniteQueryOptions({
    queryKey: ['activity', workspaceId, 'pages', book],
    queryFn: ({ pageParam }) =>
      getActivity(workspaceId, {
        book,
        limit: PAGE_ROWS,
        ...(pageParam === null ? {} : { before: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** A receipt never changes once it is written. */
export const receiptQuery = (workspaceId: string, requestId: string) =>
  queryOptions({
    queryKey: ['receipt', workspaceId, requestId],
    queryFn: () => getReceipt(workspaceId, requestId),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The cache. An answer `not_signed_in` anywhere means that the session is over everywhere. */
export function createQueryClient(): QueryClient {
  const queryClient: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) forgetPerson(queryClient);
      },
    }),
    defaultOptions: {
      queries: { retry: shouldRetry, networkMode: 'always', staleTime: 5_000 },
      mutations: {
        networkMode: 'always',
        onError: (error) => {
          if (isSignedOut(error)) forgetPerson(queryClient);
        },
      },
    },
  });
  return queryClient;
}

/** What a page must know of the hub; guessed from the address bar until the hub has answered. */
export function useHub(): SessionReply['hub'] {
  const { data } = useQuery(sessionQuery);
  const origin = window.location.origin;
  return (
    data?.hub ?? {
      baseUrl: `${origin}/v1`,
      origin,
      version: '',
      sandbox: true,
      google: false,
      signUp: false,
      hasMailServer: true,
      documents: { terms: '', privacy: '' },
      awaitsOperator: false,
    }
  );
}

export function setSession(queryClient: QueryClient, session: SessionReply): void {
  queryClient.setQueryData(sessionQuery.queryKey, session);
}

const PERSONAL_ROOMS = [
  'balance',
  'keys',
  'credentials',
  'workspace',
  'members',
  'invitations',
  'activity',
  'receipt',
  'account',
  'operator',
];

/** Drops everything that belongs to a person; what is public stays. */
export function forgetPerson(queryClient: QueryClient): void {
  queryClient.setQueryData(
    sessionQuery.queryKey,
    (session) => session && { ...session, person: null, secondFactor: null, workspaces: [] },
  );
  for (const room of PERSONAL_ROOMS) {
    queryClient.removeQueries({ queryKey: [room] });
  }
}

function isSignedOut(error: Error): boolean {
  return error instanceof ApiFailure && error.code === 'not_signed_in';
}

/** A refusal stays a refusal; a hub that did not answer is asked once more. */
function shouldRetry(failures: number, error: Error): boolean {
  const status = error instanceof ApiFailure ? error.status : 0;
  return failures < 1 && (status === 0 || status >= 500);
}
