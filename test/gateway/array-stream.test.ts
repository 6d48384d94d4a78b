// A stream as one JSON array: the events' own bytes, whatever pieces they come in, and always an array
// that can be read to its end.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import { asArray, wantsArray } from '../../src/gateway/array-stream.ts';
import type { Step, Way } from '../../src/gateway/way.ts';

const ERROR = new HubError('upstream_broke_off');

/** A way that passes on what it gets; what is left to say is said at its end. */
function passing(last = '', error?: HubError): Way {
  return {
    contentType: 'text/event-stream',
    push: (chunk) => ({ now: chunk }),
    end: () => ({ now: '', done: { last, ...(error && { error }) } }),
    fail: ({ code }) => `data: {"error":"${code}"}\n\n`,
  };
}

function textOf({ now, done }: Step): string {
  return `${now.toString()}${done?.last.toString() ?? ''}`;
}

function run(way: Way, pieces: readonly string[]): string {
  return [...pieces.map((piece) => way.push(Buffer.from(piece))), way.end()].map(textOf).join('');
}

describe('a stream as an array', () => {
  const events = [': ping\n\n', 'data: {"a": 1.50}\r\n\r\n', 'data:{"b":"ü"}\n\n'];

  it('has an element for each event, as it was written', () => {
    expect(run(asArray(passing('data: {"c":3}\n\n')), events)).toBe(
      '[{"a": 1.50},\r\n{"b":"ü"},\r\n{"c":3}]\n',
    );
  });

  it('is the same however the stream was cut', () => {
    const bytes = Buffer.from(events.join(''));
    const whole = run(asArray(passing()), [events.join('')]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const way = asArray(passing());
        const steps = places.slice(1).map((end, i) => way.push(bytes.subarray(places[i], end)));
        expect([...steps, way.end()].map(textOf).join('')).toBe(whole);
      }),
    );
  });

  it('comes piece by piece', () => {
    const way = asArray(passing());
    const now = events.map((event) => way.push(Buffer.from(event)).now);
    expect(now).toEqual(['', '[{"a": 1.50}', ',\r\n{"b":"ü"}']);
  });

  it('is empty where nothing was said, and closed where it failed', () => {
    expect(run(asArray(passing()), [])).toBe('[]\n');
    const begun = asArray(passing());
    begun.push(Buffer.from('data: 1\n\n'));
    expect(begun.fail(ERROR)?.toString()).toBe(',\r\n{"error":"upstream_broke_off"}]\n');
    const failing = asArray(passing('data: {"error":1}\n\n', ERROR));
    failing.push(Buffer.from('data: 1\n\n'));
    expect(failing.end()).toEqual({
      now: '',
      done: { last: ',\r\n{"error":1}]\n', error: ERROR },
    });
  });

  it('leaves a failure before anything was said to be answered by its status', () => {
    const done = { last: 'data: {"error":1}\n\n', error: ERROR };
    expect(asArray(passing(done.last, ERROR)).end()).toEqual({ now: '', done });
  });

  it('is wanted by those alone who stream and do not ask for events', () => {
    const address = { model: 'm', stream: true, sse: false };
    expect(wantsArray(address)).toBe(true);
    expect(wantsArray({ ...address, sse: true })).toBe(false);
    expect(wantsArray({ ...address, stream: false })).toBe(false);
    expect(wantsArray(undefined)).toBe(false);
  });
});
