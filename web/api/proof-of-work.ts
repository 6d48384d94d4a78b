// The proof of work that stands before a form which anybody may send: solved in a worker while the
// form is filled in. It opens the door once, so that a new one is begun whenever one was sent.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Challenge, Solution } from 'altcha-lib/types';
import type { ChallengeReply } from '../../src/console/contract-sign-up.ts';
import { ApiFailure, call } from './client.ts';

/** The hub must still take it when it arrives. */
const SPARE_MS = 10_000;

interface Proof {
  readonly text: string;
  readonly usableUntilMs: number;
}

const proofQuery = queryOptions({
  queryKey: ['proof-of-work'],
  queryFn: ({ signal }) => prove(signal),
  staleTime: ({ state }) => Math.max(0, (state.data?.usableUntilMs ?? 0) - Date.now()),
  gcTime: 0,
});

/** Sends what needs a proof, once one is there; whether it is does not delay the form itself. */
export function useProofOfWork(): <T>(send: (proof: string) => Promise<T>) => Promise<T> {
  const queryClient = useQueryClient();
  useQuery(proofQuery);
  const sendOnce = async <T>(send: (proof: string) => Promise<T>) => {
    const { text } = await queryClient.fetchQuery(proofQuery);
    try {
      return await send(text);
    } finally {
      void queryClient.resetQueries({ queryKey: proofQuery.queryKey });
    }
  };
  return async (send) => {
    try {
      return await sendOnce(send);
    } catch (error) {
      // The hub has restarted or the form lay open for long; the next proof is a fresh one.
      if (!(error instanceof ApiFailure) || error.code !== 'proof_of_work_failed') throw error;
      return sendOnce(send);
    }
  };
}

async function prove(signal: AbortSignal): Promise<Proof> {
  const reply = await call<ChallengeReply>('GET', '/proof-of-work');
  // What the hub's own library made for this one.
  const challenge = reply.challenge as unknown as Challenge;
  const solution = await solve(challenge, signal);
  const { expiresAt } = challenge.parameters;
  return {
    text: btoa(JSON.stringify({ challenge, solution })),
    usableUntilMs: expiresAt === undefined ? Number.MAX_SAFE_INTEGER : expiresAt * 1000 - SPARE_MS,
  };
}

function solve(challenge: Challenge, signal: AbortSignal): Promise<Solution> {
  const worker = new Worker(new URL('./proof-of-work-worker.ts', import.meta.url), {
    type: 'module',
  });
  const { promise, resolve, reject } = Promise.withResolvers<Solution>();
  worker.addEventListener('message', ({ data }: MessageEvent<Solution | null>) => {
    if (data) resolve(data);
    else reject(new Error(UNSOLVED));
  });
  worker.addEventListener('error', () => reject(new Error(UNSOLVED)));
  signal.addEventListener('abort', () => reject(signal.reason));
  worker.postMessage(challenge);
  return promise.finally(() => worker.terminate());
}

const UNSOLVED =
  'The check that you are no robot did not end on this computer. Load the page again, or use another browser.';
