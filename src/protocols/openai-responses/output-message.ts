// One message among the output items, with its parts: text and refusal, each opened, grown and
// closed in turn.

import type { JsonObject } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { ResponseEvent } from './errors.ts';
import type { OpenItem, Place } from './open-item.ts';
import { type OpenPart, openRefusalPart, openTextPart } from './output-parts.ts';

export interface OpenMessage extends OpenItem {
  push(event: ChatEvent): ResponseEvent[];
}

export function openMessage(place: Place): OpenMessage {
  const content: JsonObject[] = [];
  let part: OpenPart | undefined;

  const write = (status: string): JsonObject => ({
    id: place.item_id,
    type: 'message',
    role: 'assistant',
    status,
    content: [...content],
  });

  function closePart(): ResponseEvent[] {
    if (part === undefined) return [];
    const written = part.write();
    const { at } = part;
    const events = [part.done(), { type: 'response.content_part.done', ...at, part: written }];
    content.push(written);
    part = undefined;
    return events;
  }

  function openPart(type: OpenPart['type']): { opened: OpenPart; events: ResponseEvent[] } {
    if (part?.type === type) return { opened: part, events: [] };
    const events = closePart();
    const at = { ...place, content_index: content.length };
    const opened = type === 'refusal' ? openRefusalPart(at) : openTextPart(at);
    part = opened;
    events.push({ type: 'response.content_part.added', ...at, part: opened.write() });
    return { opened, events };
  }

  return {
    place,
    opening: write('in_progress'),
    push(event) {
      const { opened, events } = openPart(event.type === 'refusal' ? 'refusal' : 'output_text');
      return [...events, ...opened.push(event)];
    },
    close(status) {
      const events = closePart();
      return { events, item: write(status) };
    },
  };
}
