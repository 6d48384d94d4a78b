// The tools model: when it calls, what it passes, and what it says once it has the results.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { Body } from './client.ts';
import { ask, complete, completeMessage, fold, stream } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string' },
        days: { type: 'integer' },
        unit: { enum: ['celsius', 'kelvin'] },
        note: { type: 'string' },
      },
      required: ['city', 'days', 'unit'],
    },
  },
};
const clock = { type: 'function', function: { name: 'get_time' } };
const tools = [weather, clock];

const callsOf = async (body: Body) => (await completeMessage(sandbox, body)).tool_calls ?? [];
const namesOf = async (body: Body) => (await callsOf(body)).map((call) => call.function.name);

describe('tools', () => {
  it('calls the first tool with its required arguments', async () => {
    const { choices } = await complete(sandbox, ask('tools', 'go', { tools }));
    const [call, ...others] = choices[0]?.message.tool_calls ?? [];
    expect(others).toEqual([]);
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    expect(JSON.parse(call?.function.arguments ?? '')).toEqual({
      city: 'example',
      days: 1,
      unit: 'celsius',
    });
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
  });

  it('calls the tool that tool_choice names', async () => {
    const choice = { type: 'function', function: { name: 'get_time' } };
    const body = ask('tools', 'go', { tools, tool_choice: choice });
    expect(await callsOf(body)).toMatchObject([
      { function: { name: 'get_time', arguments: '{}' } },
    ]);
  });

  it.each(['auto', 'required'])('calls on tool_choice %s', async (choice) => {
    expect(await namesOf(ask('tools', 'go', { tools, tool_choice: choice }))).toHaveLength(1);
  });

  it('answers as echo does when it may not call or has nothing to call', async () => {
    for (const more of [{}, { tools: [] }, { tools, tool_choice: 'none' }]) {
      const { choices } = await complete(sandbox, ask('tools', 'go', more));
      expect(choices[0]).toMatchObject({ message: { content: 'go' }, finish_reason: 'stop' });
      expect(choices[0]?.message).not.toHaveProperty('tool_calls');
    }
  });

  it.each(['do it twice', 'in PARALLEL'])('makes two calls in one turn: %s', async (text) => {
    const calls = await callsOf(ask('tools', text, { tools }));
    expect(calls).toHaveLength(2);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    const single = ask('tools', text, { tools, parallel_tool_calls: false });
    expect(await namesOf(single)).toHaveLength(1);
  });

  it('streams a call as its opening and several fragments of its arguments', async () => {
    const body = ask('tools', 'twice', { tools });
    const { chunks } = await stream(sandbox, body);
    const { finish, tool_calls: folded = [] } = fold(chunks);
    expect(folded.map((call) => call.function)).toEqual(
      (await callsOf(body)).map((call) => call.function),
    );
    expect(finish).toEqual(['tool_calls']);
    const deltas = chunks.flatMap((c) => c.choices[0]?.delta.tool_calls ?? []);
    for (const index of [0, 1]) {
      const [opening, ...fragments] = deltas.filter((delta) => delta.index === index);
      expect(opening).toMatchObject({ type: 'function', function: { arguments: '' } });
      expect(fragments.length).toBeGreaterThan(2);
      for (const fragment of fragments) expect(fragment).not.toHaveProperty('id');
    }
  });

  it('cuts a call at the cap', async () => {
    const { choices } = await complete(sandbox, ask('tools', 'go', { tools, max_tokens: 5 }));
    expect(choices[0]?.finish_reason).toBe('length');
    // The name costs three tokens, which leaves two for the arguments.
    expect(choices[0]?.message.tool_calls?.[0]?.function.arguments).toBe('{"city":');
  });
});

describe('tools with results', () => {
  const call = (id: string) => ({
    id,
    type: 'function',
    function: { name: 'get_weather', arguments: '{}' },
  });
  const called = [
    { role: 'user', content: 'go twice' },
    { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
    { role: 'tool', tool_call_id: 'a', content: 'sunny' },
    { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'rainy' }] },
  ];

  it('quotes every result of the turn', async () => {
    const message = await completeMessage(sandbox, { model: 'tools', messages: called, tools });
    expect(message.content).toContain('"sunny"');
    expect(message.content).toContain('"rainy"');
    expect(message).not.toHaveProperty('tool_calls');
  });

  it('does not call again because the user adds a word to the results', async () => {
    const messages = [...called, { role: 'user', content: 'and mind the wind' }];
    const message = await completeMessage(sandbox, { model: 'tools', messages, tools });
    expect(message.content).toContain('"sunny"');
  });

  it('calls again in the next turn, under another id', async () => {
    const next = [
      { role: 'assistant', content: 'It is.' },
      { role: 'user', content: 'again' },
    ];
    const again = { model: 'tools', messages: [...called, ...next], tools };
    const first = { model: 'tools', messages: called.slice(0, 1), tools };
    const [anew] = await callsOf(again);
    expect(anew?.function.name).toBe('get_weather');
    expect((await callsOf(first)).map(({ id }) => id)).not.toContain(anew?.id);
  });
});
