// The sandbox's agent, played with in each client protocol by the vendor's SDK: it thinks, calls, reads the
// result and goes on, until all that it was ordered is done.

import Anthropic from '@anthropic-ai/sdk';
import { type Content, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type World, openWorld } from '../faults/world.ts';

const MODEL = 'sandbox/agent';
const ORDERS = 'call read {"path": "a.txt"}\ncall write {"path": "b.txt"}';
const NAMES = ['read', 'write'];
const SCHEMA = { type: 'object' as const, properties: { path: { type: 'string' } } };
/** Enough for two calls and the last words, and too few to go round for ever. */
const MOST_TURNS = 4;

/** What a client saw of the play, in the words of no protocol. */
interface Played {
  /** `tool {arguments}` */
  readonly calls: readonly string[];
  readonly words: string;
  /** Turns that began with a thought. */
  readonly thoughts: number;
}

interface Turn {
  readonly calls: readonly string[];
  readonly words: string;
  readonly thinks: boolean;
}

let world: World;
let apiKey: string;
beforeAll(async () => {
  world = await openWorld();
  ({ liveKey: apiKey } = await world.customer(10_000_000_000n));
});
afterAll(() => world.close());

it.each([
  ['Chat', playChat],
  ['Responses', playResponses],
  ['Messages', playMessages],
  ['Gemini', playGemini],
])('the agent does what it is ordered to, asked in %s', async (_, play) => {
  expect(await play()).toEqual({
    calls: ['read {"path":"a.txt"}', 'write {"path":"b.txt"}'],
    words: 'The tool answered: "result 1"\nThe tool answered: "result 2"',
    thoughts: 3,
  });
});

/** `next` asks with the results so far, and says what came. */
async function playTurns(next: (turn: number) => Promise<Turn>): Promise<Played> {
  const calls: string[] = [];
  let thoughts = 0;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const said = await next(turn);
    if (said.thinks) thoughts += 1;
    if (said.calls.length === 0) return { calls, words: said.words, thoughts };
    calls.push(...said.calls);
  }
  throw new Error('It does not come to an end.');
}

const resultOf = (turn: number): string => `result ${turn + 1}`;
const callOf = (name: string, args: unknown): string => `${name} ${JSON.stringify(args)}`;

function connectOpenai(): OpenAI {
  return new OpenAI({ baseURL: `${world.hub.baseUrl}/v1`, apiKey });
}

function playChat(): Promise<Played> {
  const openai = connectOpenai();
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: ORDERS }];
  const tools = NAMES.map((name) => ({
    type: 'function' as const,
    function: { name, parameters: SCHEMA },
  }));
  return playTurns(async (turn) => {
    const effort = { reasoning_effort: 'low' as const };
    const answer = await openai.chat.completions.create({
      model: MODEL,
      messages,
      tools,
      ...effort,
    });
    const message = answer.choices[0]!.message;
    const calls = (message.tool_calls ?? []).filter((call) => call.type === 'function');
    messages.push(message);
    for (const { id } of calls) {
      messages.push({ role: 'tool', tool_call_id: id, content: resultOf(turn) });
    }
    return {
      calls: calls.map(({ function: f }) => callOf(f.name, JSON.parse(f.arguments))),
      words: message.content ?? '',
      thinks: 'reasoning_content' in message,
    };
  });
}

function playResponses(): Promise<Played> {
  const openai = connectOpenai();
  const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: ORDERS }];
  const tools = NAMES.map((name) => ({
    type: 'function' as const,
    name,
    parameters: SCHEMA,
    strict: false,
  }));
  return playTurns(async (turn) => {
    const { output, output_text } = await openai.responses.create({
      model: MODEL,
      input,
      tools,
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low' },
    });
    const calls = output.filter((item) => item.type === 'function_call');
    for (const item of output) {
      if (item.type !== 'reasoning' && item.type !== 'function_call') continue;
      input.push(item);
    }
    for (const { call_id } of calls) {
      input.push({ type: 'function_call_output', call_id, output: resultOf(turn) });
    }
    return {
      calls: calls.map((call) => callOf(call.name, JSON.parse(call.arguments))),
      words: output_text,
      thinks: output.some((item) => item.type === 'reasoning'),
    };
  });
}

function playMessages(): Promise<Played> {
  const anthropic = new Anthropic({ baseURL: world.hub.baseUrl, apiKey });
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: ORDERS }];
  const tools = NAMES.map((name) => ({ name, input_schema: SCHEMA }));
  return playTurns(async (turn) => {
    const { content } = await anthropic.messages.create({
      model: MODEL,
      max_tokens: 4_000,
      thinking: { type: 'enabled', budget_tokens: 2_048 },
      messages,
      tools,
    });
    const calls = content.filter((block) => block.type === 'tool_use');
    messages.push({ role: 'assistant', content });
    if (calls.length > 0) {
      const results = calls.map(({ id }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: resultOf(turn),
      }));
      messages.push({ role: 'user', content: results });
    }
    return {
      calls: calls.map((call) => callOf(call.name, call.input)),
      words: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
      thinks: content.some((block) => block.type === 'thinking'),
    };
  });
}

function playGemini(): Promise<Played> {
  const google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: world.hub.baseUrl } });
  const contents: Content[] = [{ role: 'user', parts: [{ text: ORDERS }] }];
  const functionDeclarations = NAMES.map((name) => ({ name, parametersJsonSchema: SCHEMA }));
  const config = {
    tools: [{ functionDeclarations }],
    thinkingConfig: { includeThoughts: true, thinkingBudget: 2_048 },
  };
  return playTurns(async (turn) => {
    const answer = await google.models.generateContent({ model: MODEL, contents, config });
    const content = answer.candidates![0]!.content!;
    const parts = content.parts ?? [];
    const calls = answer.functionCalls ?? [];
    contents.push(content);
    if (calls.length > 0) {
      const results = calls.map(({ id, name }) => ({
        functionResponse: { id, name, response: { output: resultOf(turn) } },
      }));
      contents.push({ role: 'user', parts: results as Content['parts'] & {} });
    }
    return {
      calls: calls.map((call) => callOf(call.name ?? '', call.args)),
      words: calls.length > 0 ? '' : (answer.text ?? ''),
      thinks: parts.some((part) => part.thought === true),
    };
  });
}
