// Gathers the turns of a history whose items are flat: what the model said goes into one message, and
// the results of its calls into the one right behind it, in the order of the calls, wherever in the
// history they stand.

import type { AssistantPart, ChatMessage, ToolResult } from '../chat/request.ts';
import { invalid } from './fields.ts';

export interface Turns {
  /** More of what the model said in the turn at hand. */
  say(parts: readonly AssistantPart[]): void;
  answer(result: ToolResult, path: string): void;
  /** A message of anybody else, which ends the model's turn. */
  add(message: ChatMessage): void;
  close(): ChatMessage[];
}

interface Turn {
  readonly said: AssistantPart[];
  readonly results: ToolResult[];
}

/** A model's turn takes parts until somebody else speaks, and results for as long as they come. */
export function gatherTurns(): Turns {
  const slots: (ChatMessage | Turn)[] = [];
  const turnOfCall = new Map<string, Turn>();

  return {
    say(parts) {
      const last = slots.at(-1);
      const isOpen = last !== undefined && 'said' in last && last.results.length === 0;
      const turn: Turn = isOpen ? last : { said: [], results: [] };
      if (!isOpen) slots.push(turn);
      turn.said.push(...parts);
      for (const part of parts) if (part.type === 'tool_call') turnOfCall.set(part.id, turn);
    },
    answer(result, path) {
      const turn = turnOfCall.get(result.callId);
      if (turn === undefined) throw invalid(path, `\`${path}\` names no call before it.`);
      turn.results.push(result);
    },
    add: (message) => void slots.push(message),
    close: () => slots.flatMap((slot) => ('said' in slot ? closeTurn(slot) : [slot])),
  };
}

function closeTurn({ said, results }: Turn): ChatMessage[] {
  const order = said.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []));
  const sorted = results.toSorted((a, b) => order.indexOf(a.callId) - order.indexOf(b.callId));
  const message: ChatMessage = { role: 'assistant', content: said };
  return sorted.length === 0 ? [message] : [message, { role: 'tool', results: sorted }];
}
