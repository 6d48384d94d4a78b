// What the suites of Idempotency-Keys share: requests that carry one, and a provider that answers when
// the test lets it.

import type { Hub } from '../support/hub.ts';
import { type Upstream, answerJson } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { CHAT, ask, call } from './world.ts';

export interface Refusal {
  readonly type?: string;
  readonly error: { readonly type: string; readonly code?: string; readonly message: string };
}

let last = 0;

/** An Idempotency-Key that was not used before. */
export function freshKey(): string {
  last += 1;
  return `order ${last}`;
}

export function send(hub: Hub, apiKey: string, key: string, model = CHAT): Promise<Response> {
  return call(hub, apiKey, ask(model), { headers: { 'idempotency-key': key } });
}

export async function read(response: Response): Promise<Refusal> {
  return (await response.json()) as Refusal;
}

/** Answers after `release`; `asked` resolves when the provider has the request. */
export function holdBack(upstream: Upstream, body: unknown = chatAnswer()) {
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  upstream.answer = async (response, request) => {
    asked.resolve();
    await release.promise;
    await answerJson(body)(response, request);
  };
  return { asked: asked.promise, release: release.resolve };
}

/** Twenty requests with the same key at once; what the provider holds back comes when 19 are refused. */
export async function sendTwenty(
  sendOne: (index: number) => Promise<Response>,
  release: () => void,
): Promise<number[]> {
  let refused = 0;
  const all = Array.from({ length: 20 }, async (_, i) => {
    const { status } = await sendOne(i);
    if (status !== 200 && ++refused === 19) release();
    return status;
  });
  return (await Promise.all(all)).sort((a, b) => a - b);
}

export const ONE_OF_TWENTY: readonly number[] = [200, ...Array<number>(19).fill(409)];
