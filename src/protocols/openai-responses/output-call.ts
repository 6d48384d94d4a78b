// One call among the output items: of a function with arguments in JSON, or of a custom tool with
// any text. Its own id is not the id by which its result will name it.

import { parseJson, type JsonObject } from '../../base/json.ts';
import type { ResponseEvent } from './errors.ts';
import type { OpenItem, Place } from './open-item.ts';

export interface OpenCall extends OpenItem {
  grow(text: string): ResponseEvent[];
  /** Whether nothing more can come; of a custom call that cannot be told. */
  isWhole(): boolean;
}

/** `called`: the call's id, and the name of the tool with its namespace. */
export function openCall(place: Place, called: JsonObject, custom: boolean): OpenCall {
  const type = custom ? 'custom_tool_call' : 'function_call';
  const event = custom ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
  let text = '';

  const content = (): JsonObject => (custom ? { input: text } : { arguments: text });
  const write = (status: string): JsonObject => ({
    id: place.item_id,
    type,
    ...called,
    ...content(),
    status,
  });

  function grow(delta: string): ResponseEvent[] {
    text += delta;
    return [{ type: `${event}.delta`, ...place, delta }];
  }

  function isWhole(): boolean {
    return !custom && text.trimEnd().endsWith('}') && parseJson(text) !== undefined;
  }

  return {
    place,
    opening: write('in_progress'),
    grow,
    isWhole,
    close(status) {
      // Even a call without arguments must be given valid JSON.
      const owed = custom || text.trim() !== '' ? [] : grow('{}');
      return {
        events: [...owed, { type: `${event}.done`, ...place, ...content() }],
        item: write(isWhole() ? 'completed' : status),
      };
    },
  };
}
