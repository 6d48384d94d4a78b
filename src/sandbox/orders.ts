// What the agent model is ordered to do: lines `call TOOL {arguments}` in the user's messages, one
// call a turn, in their order. How far it is stands in the conversation itself, so it needs no memory.

import { isObject, parseJson } from '../base/json.ts';
import type { SandboxMessage } from './messages.ts';

export interface Order {
  readonly tool: string;
  /** As the line has them, to the last space. */
  readonly argumentsJson: string;
}

export interface Work {
  /** The order whose turn it is; undefined where none is left. */
  readonly next: Order | undefined;
  /** What the calls so far came back with. */
  readonly results: readonly string[];
}

const ORDER = /^[ \t]*call (\S+) (\{.*\})[ \t\r]*$/gm;

/** Work begins behind the last answer in words: clients put messages of their own into the middle. */
export function readWork(messages: readonly SandboxMessage[]): Work {
  const answered = messages.findLastIndex(({ role, calls }) => role === 'assistant' && !calls);
  const work = messages.slice(answered + 1);
  const results = work.filter(({ role }) => role === 'tool').map(({ text }) => text);
  const orders = work.filter(({ role }) => role === 'user').flatMap(({ text }) => readOrders(text));
  return { next: orders[results.length], results };
}

function readOrders(text: string): Order[] {
  return [...text.matchAll(ORDER)].flatMap(([, tool = '', argumentsJson = '']) =>
    isObject(parseJson(argumentsJson)) ? [{ tool, argumentsJson }] : [],
  );
}
