// Where one client meets one provider: a hub between them, the script put into the provider's mouth,
// and everything that can be seen from outside held against it (what was asked, what was answered,
// what was booked).

import { expect } from 'vitest';
import type { Receipt } from '../../src/usage/receipts.ts';
import { linesOf } from '../clients/oracle.ts';
import type { Spent } from '../clients/turns.ts';
import { type World, expectCharge, expectNoCharge, readReceipt } from '../clients/world.ts';
import type { Asked, Upstream } from '../support/upstream.ts';
import type { Ask, Client, Order, Refusal, Said } from './client.ts';
import {
  type Others,
  type Provider,
  type Wire,
  refusing,
  saying,
  unfinished,
  wireFor,
} from './providers.ts';
import { EFFORT, IMAGE, QUESTION, SCHEMA, SYSTEM, type Script, TOOLS } from './script.ts';
import type { Told } from './told.ts';

export interface Exchange {
  readonly said: Said;
  readonly told: Told;
  /** What the provider spoke. */
  readonly wire: Wire;
  /** The hints that the provider was not given, as the hub names them. */
  readonly dropped: readonly string[];
  /** The body of the client's request. */
  readonly sent: string;
}

export interface Bench {
  readonly client: Client;
  readonly provider: Provider;
  /** One question and its answer. Throws the SDK's own error where the hub refuses it. */
  exchange(script: Script, order: Omit<Order, 'model'>): Promise<Exchange>;
  /** The provider says no, with this status; gives what the client was told. */
  refused(status: number, code: string): Promise<Refusal>;
  /** The client leaves as soon as it has all of this text. */
  abandoned(text: string): Promise<void>;
  /** Resolves when all receipts so far are there and were right; they take longer than the answers. */
  settled(): Promise<void>;
}

/** What went over the wire with the newest answer. */
interface Traffic {
  readonly sent: string;
  readonly dropped: string;
  readonly receiptPath: string;
}

export function openBench(world: World, others: Others, client: Client, provider: Provider): Bench {
  const upstream = provider.upstream(world, others);
  const { model } = provider;
  const { liveKey: key } = world.rich;
  let traffic: Traffic = { sent: '', dropped: '', receiptPath: '' };
  let receipts: Promise<void> = Promise.resolve();
  const ask: Ask = client.connect({
    baseUrl: world.hub.baseUrl,
    apiKey: key,
    async fetch(input, init) {
      const response = await world.fetch(input, init);
      traffic = {
        sent: typeof init?.body === 'string' ? init.body : '',
        dropped: response.headers.get('x-inferencehub-dropped') ?? '',
        receiptPath: response.headers.get('x-inferencehub-receipt') ?? '',
      };
      return response;
    },
  });

  /** Holds the receipt of the newest answer to this, once it is there. */
  function expectReceipt(check: (receipt: Receipt) => void): void {
    const { receiptPath } = traffic;
    // One after another, for each is asked for until it is there.
    receipts = receipts.then(async () => check(await readReceipt(world.hub, { receiptPath, key })));
    receipts.catch(() => undefined);
  }

  async function exchange(script: Script, order: Omit<Order, 'model'>): Promise<Exchange> {
    upstream.answer = saying(provider, script);
    const before = upstream.asked.length;
    const said = await ask({ ...order, model });
    expect(upstream.asked).toHaveLength(before + 1);
    const asked = newest(upstream);
    const wire = wireFor(provider, asked);
    const told = wire.read(asked);
    expectAsked(told, order);
    if (wire.demandsThoughts && told.calls.length > 0 && told.effort !== undefined) {
      expect(told.thoughts).toHaveLength(1);
    }
    expectSaid(said, wantedOf(script, provider, wire, told), client);
    expectReceipt((receipt) => expectSpent(receipt, provider, provider.spent));
    const { sent, dropped } = traffic;
    return { said, told, wire, sent, dropped: dropped.split(',').filter((name) => name !== '') };
  }

  async function refused(status: number, code: string): Promise<Refusal> {
    upstream.answer = refusing(provider, status);
    const error = await ask({ model, stream: false }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const refusal = client.refusalOf(error);
    expectReceipt((receipt) => expectNoCharge(receipt, code));
    return refusal ?? expect.fail(`It is told nothing but ${String(error)}`);
  }

  async function abandoned(text: string): Promise<void> {
    upstream.answer = unfinished(provider, text);
    const leave = new AbortController();
    let read = '';
    const onText = (piece: string): void => {
      read += piece;
      if (read === text) leave.abort();
    };
    await ask({ model, stream: true, signal: leave.signal, onText }).catch(() => undefined);
    expect(read).toBe(text);
    const asked = newest(upstream);
    await asked.cancelled;
    const { opened } = wireFor(provider, asked);
    const delivered = Math.ceil(Buffer.byteLength(text) / 4);
    const estimated = { uncached: Math.ceil(Buffer.byteLength(traffic.sent) / 4) };
    expectReceipt((receipt) => {
      expectSpent(receipt, provider, { ...(opened ?? estimated), text: delivered });
      expect(receipt).toMatchObject({ outcome: 'client_closed' });
    });
  }

  function settled(): Promise<void> {
    const waited = receipts;
    receipts = waited.catch(() => undefined);
    return waited;
  }

  return { client, provider, exchange, refused, abandoned, settled };
}

function newest({ asked }: Upstream): Asked {
  return asked.at(-1) ?? expect.fail('The provider was not asked.');
}

/** The provider was asked what the client was told to ask, and nothing else. */
function expectAsked(told: Told, order: Omit<Order, 'model'>): void {
  const { stream, system, user, images, tools, schema } = told;
  expect({ stream, system, user }).toEqual({
    stream: order.stream,
    system: SYSTEM,
    user: QUESTION,
  });
  expect(images).toEqual(order.image ? [IMAGE] : []);
  const wanted = order.tools ? TOOLS : [];
  expect(tools.map(({ name }) => name)).toEqual(wanted.map(({ name }) => name));
  for (const [i, tool] of tools.entries()) expectSchema(tool.schema, wanted[i]?.schema);
  if (order.schema) expectSchema(schema, SCHEMA);
  else expect(schema).toBeUndefined();
  if (!order.thinking) expect(told.effort || undefined).toBeUndefined();
  else expect([EFFORT, 'on', undefined, '']).toContain(told.effort);
}

type Schema = { readonly properties: object; readonly required?: readonly string[] } | undefined;

/** SDKs add to a schema, but take nothing away. */
function expectSchema(found: unknown, wanted: Schema): void {
  expect(found).toMatchObject({ type: 'object', properties: wanted?.properties ?? {} });
  if (wanted?.required) expect(found).toMatchObject({ required: wanted.required });
}

type Wanted = Omit<Said, 'history'>;

/** What the provider said, in no protocol's words. */
function wantedOf(
  { text = '', calls = [], thinking }: Script,
  { spent }: Provider,
  { plan, namesCallsAlone }: Wire,
  { hidesThoughts }: Told,
): Wanted {
  const planned = calls.length > 0 ? (plan ?? '') : '';
  return {
    text,
    thinking: hidesThoughts || plan !== undefined ? planned : (thinking?.text ?? ''),
    calls: namesCallsAlone ? calls.map((call) => ({ ...call, id: ANY_ID })) : calls,
    finish: calls.length > 0 ? 'tool_calls' : 'stop',
    usage: totalsOf(spent),
  };
}

/** One of the hub's own. */
const ANY_ID = expect.stringMatching(/./) as string;

function expectSaid(said: Said, wanted: Wanted, { readsThinking }: Client): void {
  const { history: _, ...found } = said;
  const calls = found.calls.map(({ id, name, input }) => ({ id, name, input }));
  const thinking = readsThinking ? wanted.thinking : '';
  expect({ ...found, calls }).toEqual({ ...wanted, thinking });
}

/** What every client is told of the tokens, whatever finer counts it has besides. */
function totalsOf(spent: Spent): Said['usage'] {
  const { uncached, cacheRead = 0, written5m = 0, written1h = 0, text, reasoning = 0 } = spent;
  const input = uncached + cacheRead + written5m + written1h;
  return { input, cacheRead, output: text + reasoning };
}

function expectSpent(receipt: Receipt, provider: Provider, spent: Spent): void {
  if (!provider.isFree) {
    expectCharge(receipt, provider.model, linesOf(spent));
    return;
  }
  const lines = receipt.lines.map((line) => [line.class, line.quantity]);
  expect(Object.fromEntries(lines)).toEqual(linesOf(spent));
  expect(receipt).toMatchObject({ modelServed: provider.model, chargeNanos: '0' });
}
