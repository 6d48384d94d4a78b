// Tells thinking from text where a provider sends both in one, the thinking first and between tags.
// A tag may be cut anywhere; whatever turns out not to be one is text again. Space before the first
// tag is no text.

import type { ChatEvent } from '../../chat/events.ts';
import { THINK } from './reasoning.ts';

export interface ThinkTagReader {
  read(text: string): ChatEvent[];
  /** What was held back as the beginning of a tag. */
  end(): ChatEvent[];
}

/** A reader for one answer. */
export function readThinkTags(): ThinkTagReader {
  let phase: 'before' | 'thinking' | 'text' = 'before';
  let held = '';

  function open(): ChatEvent[] {
    const start = held.length - held.trimStart().length;
    const begun = held.slice(start);
    if (begun.startsWith(THINK.open)) {
      phase = 'thinking';
      held = begun.slice(THINK.open.length);
      return close();
    }
    if (THINK.open.startsWith(begun)) return [];
    phase = 'text';
    return flush();
  }

  function close(): ChatEvent[] {
    const at = held.indexOf(THINK.close);
    if (at >= 0) {
      const thinking = thinkingOf(held.slice(0, at));
      phase = 'text';
      held = held.slice(at + THINK.close.length);
      return [...thinking, ...flush()];
    }
    const keep = cutTagLength(held, THINK.close);
    const said = held.slice(0, held.length - keep);
    held = held.slice(held.length - keep);
    return thinkingOf(said);
  }

  function flush(): ChatEvent[] {
    const text = held;
    held = '';
    if (phase === 'thinking') return thinkingOf(text);
    return text === '' ? [] : [{ type: 'text', text }];
  }

  return {
    read(text) {
      held += text;
      if (phase === 'before') return open();
      return phase === 'thinking' ? close() : flush();
    },
    end: flush,
  };
}

function thinkingOf(text: string): ChatEvent[] {
  return text === '' ? [] : [{ type: 'thinking', text }];
}

/** How many characters at the end could be the beginning of the tag. */
function cutTagLength(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
