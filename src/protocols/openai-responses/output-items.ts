// The output items of a response on their way out. An item streams live and is closed when the next
// one begins; only a call may stay open beside others, while its arguments can still grow, because
// upstreams of other protocols interleave the arguments of parallel calls. Every event names its
// item by index and id, so that nothing has to wait.

import type { JsonObject } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { readToolName } from './echo.ts';
import type { ResponseEvent } from './errors.ts';
import type { Closed, ItemStatus, OpenItem, Place } from './open-item.ts';
import { type OpenCall, openCall } from './output-call.ts';
import { type OpenMessage, openMessage } from './output-message.ts';
import { type OpenReasoning, openReasoning } from './output-reasoning.ts';
import { writeSeal } from './reasoning.ts';

export interface OutputItems {
  /** The events that this one makes; may be none. */
  push(event: ChatEvent): ResponseEvent[];
  /** Closes whatever is open. */
  end(status: ItemStatus): ResponseEvent[];
  hasCalls(): boolean;
  /** Those that are closed. */
  closed(): JsonObject[];
}

/** For one answer. `requestId` makes the ids of its items. */
export function openOutput(requestId: string, echo: JsonObject | undefined): OutputItems {
  const shelf = openShelf(requestId);
  const calls = collectCalls(shelf, echo);
  const sealsPlain = echo?.['sealsPlain'] === true;
  let message: OpenMessage | undefined;
  let reasoning: OpenReasoning | undefined;

  /** Ends what no later event can belong to; at the end of the answer that is everything. */
  function settle(status: ItemStatus, isEnd: boolean): ResponseEvent[] {
    const ripe = [reasoning, message, ...calls.ripe(isEnd)].filter((item) => item !== undefined);
    reasoning = undefined;
    message = undefined;
    return ripe.flatMap((item) => shelf.close(item.place, item.close(status)));
  }

  function say(event: ChatEvent): ResponseEvent[] {
    if (message !== undefined) return message.push(event);
    const settled = settle('completed', false);
    message = openMessage(shelf.nextPlace('msg'));
    return [...settled, shelf.add(message), ...message.push(event)];
  }

  function think(text: string): ResponseEvent[] {
    if (reasoning !== undefined) return reasoning.think(text);
    const settled = settle('completed', false);
    reasoning = openReasoning(shelf.nextPlace('rs'), sealsPlain);
    return [...settled, shelf.add(reasoning), ...reasoning.think(text)];
  }

  /** A signature is that of the text before it; without one it is an item of its own. */
  function seal(encrypted: string): ResponseEvent[] {
    const open = reasoning;
    reasoning = undefined;
    if (open !== undefined) return shelf.close(open.place, open.seal(encrypted));
    const settled = settle('completed', false);
    const item = openReasoning(shelf.nextPlace('rs'), sealsPlain);
    return [...settled, shelf.add(item), ...shelf.close(item.place, item.seal(encrypted))];
  }

  return {
    push(event) {
      switch (event.type) {
        case 'text':
        case 'refusal':
        case 'citation':
        case 'logprobs':
          return say(event);
        case 'thinking':
          return think(event.text);
        case 'thinking_signature':
          return seal(writeSeal({ ...event, type: 'thinking' }));
        case 'redacted_thinking':
          return [...settle('completed', false), ...seal(writeSeal(event))];
        case 'tool_call':
          return [...settle('completed', false), ...calls.open(event)];
        case 'tool_arguments':
          return calls.grow(event);
        default:
          return [];
      }
    },
    end: (status) => settle(status, true),
    hasCalls: calls.any,
    closed: shelf.closed,
  };
}

function collectCalls(shelf: Shelf, echo: JsonObject | undefined) {
  const calls: (OpenCall | undefined)[] = [];
  const isOpen = (call: OpenCall | undefined): call is OpenCall =>
    call !== undefined && !shelf.isClosed(call.place);
  return {
    open(event: Extract<ChatEvent, { type: 'tool_call' }>): ResponseEvent[] {
      const custom = event.custom === true;
      const called = { call_id: event.id, ...readToolName(event.name, echo) };
      const call = openCall(shelf.nextPlace(custom ? 'ctc' : 'fc'), called, custom);
      calls[event.call] = call;
      return [shelf.add(call)];
    },
    grow(event: Extract<ChatEvent, { type: 'tool_arguments' }>): ResponseEvent[] {
      const call = calls[event.call];
      return isOpen(call) && event.json !== '' ? call.grow(event.json) : [];
    },
    ripe: (isEnd: boolean): OpenCall[] =>
      calls.filter(isOpen).filter((call) => isEnd || call.isWhole()),
    any: () => calls.length > 0,
  };
}

type Shelf = ReturnType<typeof openShelf>;

/** The items by their index, each there once it is closed. */
function openShelf(requestId: string) {
  const items: (JsonObject | undefined)[] = [];
  return {
    isClosed: (place: Place): boolean => items[place.output_index] !== undefined,
    nextPlace: (prefix: string): Place => ({
      output_index: items.length,
      item_id: `${prefix}_${requestId}_${items.length}`,
    }),
    add({ opening }: OpenItem): ResponseEvent {
      items.push(undefined);
      const output_index = items.length - 1;
      return { type: 'response.output_item.added', output_index, item: opening };
    },
    close(place: Place, { events, item }: Closed): ResponseEvent[] {
      const { output_index } = place;
      items[output_index] = item;
      return [...events, { type: 'response.output_item.done', output_index, item }];
    },
    closed: (): JsonObject[] => items.filter((item) => item !== undefined),
  };
}
