// The agent model: which calls it makes of the orders in a conversation, in what order, and when it stops.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { Body, Message, ToolCall } from './client.ts';
import { ask, complete, completeMessage, fold, stream } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const tool = (name: string) => ({ type: 'function', function: { name } });
const tools = [tool('list'), tool('read'), tool('write')];

const READ = 'call read {"path": "a.txt", "lines": 2}';
const WRITE = '\tcall write {"path": "b.txt", "text": "}{ \\"quoted\\" é"}  ';
const orders = `Do this:\n${READ}\n${WRITE}\nand nothing else.`;

const user = (content: string) => ({ role: 'user', content });
const called = (id: string, name = 'read') => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: '{}' } }],
});
const result = (id: string, content: string) => ({ role: 'tool', tool_call_id: id, content });
const said = (content: string) => ({ role: 'assistant', content });

const answerTo = (messages: readonly unknown[], more: Body = {}): Promise<Message> =>
  completeMessage(sandbox, { model: 'agent', messages, tools, ...more });
const functionsOf = ({ tool_calls: calls = [] }: Message): ToolCall['function'][] =>
  calls.map((call) => call.function);

const READS = [{ name: 'read', arguments: '{"path": "a.txt", "lines": 2}' }];
const WRITES = [{ name: 'write', arguments: '{"path": "b.txt", "text": "}{ \\"quoted\\" é"}' }];

describe('the agent', () => {
  it('makes the first call that the prompt orders, with the arguments of the line', async () => {
    const { choices } = await complete(sandbox, ask('agent', orders, { tools }));
    expect(functionsOf(choices[0]!.message)).toEqual(READS);
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
  });

  it('streams the same call', async () => {
    const { chunks } = await stream(sandbox, ask('agent', orders, { tools }));
    expect(functionsOf(fold(chunks))).toEqual(READS);
  });

  it('makes the next one once it has a result, and under another id', async () => {
    const first = await answerTo([user(orders)]);
    const second = await answerTo([user(orders), called('a'), result('a', 'A')]);
    expect(functionsOf(second)).toEqual(WRITES);
    expect(second.tool_calls?.[0]?.id).not.toBe(first.tool_calls?.[0]?.id);
  });

  it('quotes all results when every order is done', async () => {
    const done = [called('a'), result('a', 'A'), called('b', 'write'), result('b', 'B')];
    const message = await answerTo([user(orders), ...done]);
    expect(message.content).toBe('The tool answered: "A"\nThe tool answered: "B"');
    expect(message).not.toHaveProperty('tool_calls');
  });

  it('is not put off by what a client says around and between the calls', async () => {
    const noise = user('<reminder>be brief</reminder>');
    const messages = [noise, user(orders), noise, called('a'), result('a', 'A'), noise];
    expect(functionsOf(await answerTo(messages))).toEqual(WRITES);
  });

  it('begins anew with what is asked after its last words', async () => {
    const earlier = [user(orders), called('a'), result('a', 'A'), said('Done.')];
    expect((await answerTo([...earlier, user('thanks')])).content).toBe('thanks');
    expect(functionsOf(await answerTo([...earlier, user(READ)]))).toEqual(READS);
  });

  it('takes orders from users alone', async () => {
    const messages = [{ role: 'system', content: READ }, user('hello')];
    expect((await answerTo(messages)).content).toBe('hello');
    const after = [user(WRITE), called('a', 'write'), result('a', READ)];
    expect((await answerTo(after)).content).toBe(`The tool answered: "${READ}"`);
  });

  it.each(['call read', 'call read {"path": }', 'call read ["a"]', 'please call read {}', 'hello'])(
    'echoes what is no order: %s',
    async (text) => {
      expect((await answerTo([user(text)])).content).toBe(text);
    },
  );

  it('echoes where it has no tools or may not call them', async () => {
    expect((await answerTo([user(READ)], { tools: [] })).content).toBe(READ);
    expect((await answerTo([user(READ)], { tool_choice: 'none' })).content).toBe(READ);
  });

  it('names the tools there are where the ordered one is missing', async () => {
    const message = await answerTo([user('call erase {}')]);
    expect(message.content).toBe('There is no tool erase to call, but: list, read, write');
  });

  it('thinks first when it is asked to', async () => {
    const message = await answerTo([user(READ)], { reasoning_effort: 'low' });
    expect(message.reasoning_content).toMatch(/^lorem/);
    expect(functionsOf(message)).toEqual(READS);
  });
});
