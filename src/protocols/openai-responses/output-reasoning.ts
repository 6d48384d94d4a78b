// One reasoning item among the output items. Its text is its summary, for that is what clients of
// this protocol show; what only its maker can read is its encrypted content.

import type { ResponseEvent } from './errors.ts';
import { sealPlain } from './reasoning.ts';
import type { Closed, OpenItem, Place } from './open-item.ts';

export interface OpenReasoning extends OpenItem {
  think(text: string): ResponseEvent[];
  /** Ends it with its encrypted content. */
  seal(encrypted: string): Closed;
}

/** `sealsPlain`: whether a thought that nobody signed has encrypted content too. */
export function openReasoning(place: Place, sealsPlain: boolean): OpenReasoning {
  const head = { id: place.item_id, type: 'reasoning' };
  const at = { ...place, summary_index: 0 };
  let text = '';

  function seal(encrypted: string): Closed {
    const part = { type: 'summary_text', text };
    const item = {
      ...head,
      summary: text === '' ? [] : [part],
      ...(encrypted !== '' && { encrypted_content: encrypted }),
    };
    if (text === '') return { events: [], item };
    return {
      events: [
        { type: 'response.reasoning_summary_text.done', ...at, text },
        { type: 'response.reasoning_summary_part.done', ...at, part },
      ],
      item,
    };
  }

  return {
    place,
    opening: { ...head, summary: [] },
    think(delta) {
      const part = { type: 'summary_text', text: '' };
      const first = { type: 'response.reasoning_summary_part.added', ...at, part };
      const events: ResponseEvent[] = text === '' ? [first] : [];
      text += delta;
      return [...events, { type: 'response.reasoning_summary_text.delta', ...at, delta }];
    },
    seal,
    close: () => seal(sealsPlain ? sealPlain(text) : ''),
  };
}
