// A real hub, a customer, and keys of theirs with limits, asked as clients ask.

import { type Answer, answerJson } from '../support/upstream.ts';
import { ANSWER_TOKENS, PROMPT_TOKENS, chatAnswer, messagesAnswer } from './answers.ts';
import { signIn } from './console-session.ts';
import { type Customer, type World, openWorld } from './world.ts';

export interface LimitedKeys {
  readonly world: World;
  readonly customer: Customer;
  make(limits?: object): Promise<Made>;
  /** Asks the keys page's API below the key. */
  ask(method: string, keyId: string, body?: object, below?: string): Promise<Response>;
  /** GET with the key. */
  read(path: string, secret: string, headers?: Record<string, string>): Promise<Response>;
  /** How many requests the provider gets meanwhile. */
  asksOf(work: () => Promise<unknown>): Promise<number>;
}

export interface Made {
  readonly id: string;
  readonly secret: string;
}

export const GRANT_NANOS = 1_000_000_000_000n;

const MESSAGES_USAGE = { input_tokens: PROMPT_TOKENS, output_tokens: ANSWER_TOKENS };

/** The stand-in's usual answer, in the protocol that it is asked in. */
export const ANSWER: Answer = (response, asked) =>
  answerJson(asked.path.endsWith('/messages') ? messagesAnswer(MESSAGES_USAGE) : chatAnswer())(
    response,
    asked,
  );

export async function openLimitedKeys(): Promise<LimitedKeys> {
  // Whoever the tests say asks, asks: the proxy in front of the hub is believed.
  const world = await openWorld('pglite', { TRUSTED_PROXIES: '127.0.0.1' });
  const customer = await world.customer(GRANT_NANOS);
  const session = await signIn(world.hub, customer);
  const home = `/workspaces/${customer.workspaceId}/keys`;
  return {
    world,
    customer,
    async make(limits = {}) {
      const order = { name: 'limited', mode: 'live', ...limits };
      const made = await session.request('POST', home, order);
      const { key, secret } = (await made.json()) as { key: { id: string }; secret: string };
      return { id: key.id, secret };
    },
    ask: (method, keyId, body, below = '') =>
      session.request(method, `${home}/${keyId}${below}`, body),
    read: (path, secret, headers = {}) =>
      fetch(world.hub.baseUrl + path, { headers: { 'x-api-key': secret, ...headers } }),
    async asksOf(work) {
      const before = world.upstream.asked.length;
      await work();
      return world.upstream.asked.length - before;
    },
  };
}

export interface Told {
  readonly status: number;
  readonly code: unknown;
}

/** The status and the code of an answer in either dialect. */
export async function told(response: Response | Promise<Response>): Promise<Told> {
  const answer = await response;
  const { error } = (await answer.json()) as { error?: { code?: unknown; type?: unknown } };
  return { status: answer.status, code: error?.code ?? error?.type };
}
