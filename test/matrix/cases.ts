// The rows of the matrix: what a client does with a provider, and how it ended in a word. A case that
// is refused by the hub ends by itself with the name of the field.

import { expect } from 'vitest';
import type { Bench, Exchange } from './bench.ts';
import type { Order } from './client.ts';
import { EFFORT, resultOf, SCRIPTS, type Script } from './script.ts';

export interface Case {
  readonly title: string;
  readonly run: (bench: Bench) => Promise<string>;
}

const DONE = '✓';
/** The client has no way to do it. */
const NO_WAY = '—';
/** The provider was asked to think, and the client does not get to read its thoughts. */
const UNSEEN = 'not shown';

export const CASES: readonly Case[] = [
  {
    title: 'text, whole',
    run: async (bench) => wordOf(await bench.exchange(SCRIPTS.text, { stream: false })),
  },
  {
    title: 'text, streamed',
    run: async (bench) => wordOf(await bench.exchange(SCRIPTS.text, { stream: true })),
  },
  {
    title: 'a tool call, then its result',
    run: (bench) => bothWays((stream) => callAndAnswer(bench, SCRIPTS.call, { stream })),
  },
  {
    title: 'parallel tool calls, then their results',
    run: (bench) => bothWays((stream) => callAndAnswer(bench, SCRIPTS.calls, { stream })),
  },
  {
    title: 'an image',
    run: async (bench) =>
      wordOf(await bench.exchange(SCRIPTS.text, { stream: false, image: true })),
  },
  {
    title: 'an answer held to a JSON schema',
    run: (bench) =>
      bothWays(async (stream) =>
        wordOf(await bench.exchange(SCRIPTS.schema, { stream, schema: true })),
      ),
  },
  { title: 'thinking', run: (bench) => bothWays((stream) => think(bench, stream)) },
  {
    title: 'thinking, returned with the result of a call',
    run: (bench) => bothWays((stream) => thinkAndReturn(bench, stream)),
  },
  {
    title: 'the provider says 429',
    run: async (bench) => {
      const { status, text } = await bench.refused(429, 'upstream_rate_limited');
      expect(status).toBe(429);
      expect(text).not.toContain('overheard');
      return DONE;
    },
  },
  {
    title: 'the provider says 400',
    run: async (bench) => {
      expect((await bench.refused(400, 'upstream_rejected')).status).toBe(400);
      return DONE;
    },
  },
  {
    title: 'abort in mid-stream',
    run: async (bench) => {
      await bench.abandoned(SCRIPTS.text.text);
      return DONE;
    },
  },
];

/** How a case ended: its own word, or the field for which the hub refused it. */
export async function outcomeOf({ run }: Case, bench: Bench): Promise<string> {
  try {
    return await run(bench);
  } catch (error) {
    const refusal = bench.client.refusalOf(error);
    const field = /`([^`]+)` cannot be said/.exec(refusal?.text ?? '')?.[1];
    if (refusal?.status !== 400 || field === undefined) throw error;
    return `refused: \`${field}\``;
  }
}

/** Whole and streamed end alike, but for hints that an SDK gives in one of them alone. */
async function bothWays(run: (stream: boolean) => Promise<string>): Promise<string> {
  const whole = await run(false);
  const streamed = await run(true);
  if (whole === streamed) return whole;
  const names = [whole, streamed].map((word) =>
    [...word.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );
  expect([whole, streamed]).toEqual(names.map(wordOfDropped));
  return wordOfDropped([...new Set(names.flat())]);
}

function wordOf({ dropped }: Exchange): string {
  return wordOfDropped(dropped);
}

function wordOfDropped(names: readonly string[]): string {
  if (names.length === 0) return DONE;
  return `dropped: ${names.map((name) => `\`${name}\``).join(', ')}`;
}

async function callAndAnswer(
  bench: Bench,
  script: Script,
  order: Omit<Order, 'model'>,
): Promise<string> {
  const first = await bench.exchange(script, { ...order, tools: true });
  const second = await answerCalls(bench, first, order);
  const { plan } = first.wire;
  if (second.told.thoughts.length > 0) expect(second.told.thoughts).toEqual([plan]);
  else if (plan !== undefined) expectUnsent(second, plan);
  return wordOf({ ...second, dropped: [...new Set([...first.dropped, ...second.dropped])] });
}

/** The next turn: the calls and their results must reach the provider. */
async function answerCalls(
  bench: Bench,
  { said }: Exchange,
  order: Omit<Order, 'model'>,
): Promise<Exchange> {
  const results = said.calls.map(({ id, name }) => ({ id, name, text: resultOf(name) }));
  const before = { said, results };
  const next = await bench.exchange(SCRIPTS.text, { ...order, tools: true, before });
  expect(next.told.calls).toMatchObject(said.calls.map(({ name, input }) => ({ name, input })));
  const ids = next.told.calls.map(({ id }) => id);
  expect(next.told.results.map(({ id }) => id)).toEqual(ids);
  expect(next.told.results).toHaveLength(results.length);
  for (const [i, { text }] of results.entries()) {
    expect(next.told.results[i]?.text).toContain(text);
  }
  return next;
}

async function think(bench: Bench, stream: boolean): Promise<string> {
  const exchange = await bench.exchange(SCRIPTS.thinking, { stream, thinking: true });
  const { told, said } = exchange;
  if (told.effort !== EFFORT) {
    expect(exchange.dropped.join()).toMatch(/reasoning|thinking/);
    return wordOf(exchange);
  }
  return said.thinking === '' ? UNSEEN : wordOf(exchange);
}

async function thinkAndReturn(bench: Bench, stream: boolean): Promise<string> {
  const order = { stream, thinking: true };
  const first = await bench.exchange(SCRIPTS.thoughtfulCall, { ...order, tools: true });
  const next = await answerCalls(bench, first, order);
  const { text, signature } = SCRIPTS.thoughtfulCall.thinking;
  const { plan, remembers } = first.wire;
  const wanted = plan ?? (remembers === 'signature' ? signature : text);
  if (next.told.thoughts.length > 0) {
    expect(next.told.thoughts).toEqual([wanted]);
    return wordOf(next);
  }
  if (next.dropped.some((name) => name.startsWith('messages.'))) return wordOf(next);
  expectUnsent(next, wanted);
  return NO_WAY;
}

/** What did not reach the provider was not lost by the hub: the client had not sent it. */
function expectUnsent({ sent }: Exchange, thought: string): void {
  const traces = [thought, JSON.stringify(thought).slice(1, -1), 'hub:'];
  expect(traces.filter((trace) => sent.includes(trace))).toEqual([]);
}
