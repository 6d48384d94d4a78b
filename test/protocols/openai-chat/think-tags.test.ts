// Thinking between tags, told from the text around it however the two are cut.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { readThinkTags } from '../../../src/protocols/openai-chat/think-tags.ts';

function read(...pieces: readonly string[]): string[] {
  const reader = readThinkTags();
  const events = [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()];
  const of = (type: ChatEvent['type']) =>
    events.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');
  return [of('thinking'), of('text')];
}

describe('reading think tags', () => {
  it.each([
    ['<think>hm</think>so', 'hm', 'so'],
    ['\n <think>hm</think>\n\nso', 'hm', '\n\nso'],
    ['<think></think>so', '', 'so'],
    ['<think>hm', 'hm', ''],
    ['<think>a </thin b</think>c', 'a </thin b', 'c'],
    ['so', '', 'so'],
    [' so', '', ' so'],
    ['<thinker>', '', '<thinker>'],
    ['<thi', '', '<thi'],
    ['so <think>not</think>', '', 'so <think>not</think>'],
    ['<think>a</think>b</think>', 'a', 'b</think>'],
    ['   ', '', '   '],
  ])('of %j', (text, thinking, said) => {
    expect(read(text)).toEqual([thinking, said]);
    expect(read(...text.split(''))).toEqual([thinking, said]);
  });

  it('loses and adds nothing, wherever it is cut', () => {
    const part = fc.string({ unit: fc.constantFrom('<', '/', 't', 'think', '>', 'x', '\n') });
    fc.assert(
      fc.property(part, part, fc.array(fc.nat()), (thinking, said, cuts) => {
        fc.pre(!thinking.includes('</think>'));
        const text = `<think>${thinking}</think>${said}`;
        const places = cuts.map((cut) => cut % text.length).toSorted((a, b) => a - b);
        const pieces = [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
        expect(read(...pieces)).toEqual([thinking, said]);
      }),
    );
  });
});
