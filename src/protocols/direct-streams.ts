// Streams of the direct protocols: events of JSON that name their own type. A stream is complete with
// the one event that says what was used; a bare end mark before it is an answer that broke off.

import { HubError } from '../base/errors.ts';
import { objectOf, parseJson, stringOf, type JsonObject } from '../base/json.ts';
import type { SseEvent } from '../base/sse.ts';
import type { ChatEvent } from '../chat/events.ts';
import { decodeErrorBody, isErrorBody } from './openai-errors.ts';
import { encodeErrorEvent } from './openai-chat/errors.ts';
import type { DirectStreams, RequestFacts } from './protocol.ts';

const END_MARK = '[DONE]';

export interface StreamReading {
  /** How the type of the last event ends. */
  readonly lastType: string;
  /** What an event means for the meter; `isLast` for the one that completes the stream. */
  read(event: JsonObject, isLast: boolean, facts: RequestFacts): ChatEvent[];
}

export function streamsOf({ lastType, read }: StreamReading): DirectStreams {
  const isLast = (event: JsonObject | undefined): boolean =>
    stringOf(event?.['type'])?.endsWith(lastType) === true;
  return Object.freeze({
    decodeEvents(facts: RequestFacts) {
      let complete = false;
      const brokenOff = (): ChatEvent[] =>
        complete ? [] : [{ type: 'error', error: new HubError('upstream_broke_off') }];
      return {
        push({ data }: SseEvent): ChatEvent[] {
          if (data.startsWith(END_MARK)) return brokenOff();
          const event = objectOf(parseJson(data));
          if (event === undefined) return [];
          if (isError(event)) return [{ type: 'error', error: decodeErrorBody(event) }];
          complete ||= isLast(event);
          return read(event, isLast(event), facts);
        },
        end: brokenOff,
      };
    },
    isTerminal({ data }: SseEvent): boolean {
      if (data.startsWith(END_MARK)) return true;
      // Only an event that can be the last is worth a second parse: some hold an image.
      if (!data.includes(`${lastType}"`) && !data.includes('"error"')) return false;
      const event = objectOf(parseJson(data));
      return isLast(event) || (event !== undefined && isError(event));
    },
    encodeErrorEvent,
  });
}

function isError(event: JsonObject): boolean {
  return isErrorBody(event) || event['type'] === 'error';
}
