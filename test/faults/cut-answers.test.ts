// Answers that are cut: the client leaves, or the provider dies. Each leaves a record, each is billed
// for what was sent and delivered, and the other side hears of it.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerResponse } from 'node:http';
import { answerJson, answerStream, chatStream, messagesStream } from '../support/upstream.ts';
import { chatAnswer, chatChunk, messagesHead, messagesText } from './answers.ts';
import { CHAT, CLAUDE, type Customer, type World } from './world.ts';
import { ask, balanceOf, call, openWorld, receiptOf } from './world.ts';

const BEGUN = chatStream(chatChunk({ content: 'Hi there.' })).slice(0, -1);
/** What the rule for cut answers counts: four bytes a token. */
const tokensOf = (bytes: number): number => Math.ceil(bytes / 4);

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(10_000_000_000n);
});
afterAll(() => world.close());

/** Begins a stream and holds it open; the response is for the test to end or to break. */
function holdStream(...events: readonly string[]): Promise<ServerResponse> {
  const begun = Promise.withResolvers<ServerResponse>();
  world.upstream.answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    for (const event of events) response.write(event);
    begun.resolve(response);
  };
  return begun.promise;
}

/** The newest request of the customer, once its record is there. */
async function waitForReceipt(id: string) {
  for (;;) {
    try {
      return await receiptOf(world.hub, customer.liveKey, id);
    } catch {
      await sleep(50);
    }
  }
}

/** The one record of an upstream request whose client never learnt its id. */
async function newestId(since: Set<string>): Promise<string> {
  for (;;) {
    const ids = [...(await readIds())].filter((id) => !since.has(id));
    if (ids[0] !== undefined) return ids[0];
    await sleep(50);
  }
}

async function readIds(): Promise<Set<string>> {
  const { cookie } = await signedIn();
  const path = `/api/v1/workspaces/${customer.workspaceId}/activity?limit=200`;
  const response = await fetch(world.hub.baseUrl + path, { headers: { cookie } });
  const { rows } = (await response.json()) as { rows: { id: string }[] };
  return new Set(rows.map(({ id }) => id));
}
