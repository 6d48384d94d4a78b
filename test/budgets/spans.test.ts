// The arithmetic of windows, against the calendar as the runtime's own Intl tells it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPANS, purseIdOf, windowEnd, windowStart } from '../../src/budgets/spans.ts';

const RENEWED = ['daily', 'weekly', 'monthly'] as const;
const moments = fc.date({
  min: new Date('1969-01-01T00:00:00Z'),
  max: new Date('2100-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const calendar = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  weekday: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  fractionalSecondDigits: 3,
});

/** `Mon`, `1` and `00:00:00.000` of the moment in UTC. */
function read(moment: Date): Record<'weekday' | 'day' | 'time', string> {
  const parts = calendar.formatToParts(moment);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const time = `${of('hour')}:${of('minute')}:${of('second')}.${of('fractionalSecond')}`;
  return { weekday: of('weekday'), day: of('day'), time };
}

describe('a window of a budget', () => {
  it('holds every moment, from its start up to and without its end', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...RENEWED), (moment, span) => {
        const start = windowStart(span, moment);
        const end = windowEnd(span, start);
        expect(start!.getTime()).toBeLessThanOrEqual(moment.getTime());
        expect(end!.getTime()).toBeGreaterThan(moment.getTime());
      }),
    );
  });

  it('is followed by the next one without a gap', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...RENEWED), (moment, span) => {
        const start = windowStart(span, moment);
        const end = windowEnd(span, start)!;
        expect(windowStart(span, end)).toEqual(end);
        expect(windowStart(span, new Date(end.getTime() - 1))).toEqual(start);
        expect(windowStart(span, start!)).toEqual(start);
      }),
    );
  });

  it('begins at midnight: each day, on Mondays, on the first of a month', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...RENEWED), (moment, span) => {
        const { weekday, day, time } = read(windowStart(span, moment)!);
        expect(time).toBe('00:00:00.000');
        if (span === 'weekly') expect(weekday).toBe('Mon');
        if (span === 'monthly') expect(day).toBe('1');
      }),
    );
  });

  it.each([
    ['daily', '2028-02-28T23:59:59.999Z', '2028-02-28', '2028-02-29'],
    ['daily', '2028-02-29T12:00:00.000Z', '2028-02-29', '2028-03-01'],
    ['daily', '2026-12-31T23:59:59.999Z', '2026-12-31', '2027-01-01'],
    // The night in which Europe's clocks go back, and the one in which America's go forward.
    ['daily', '2026-10-25T01:30:00.000Z', '2026-10-25', '2026-10-26'],
    ['daily', '2026-03-08T10:30:00.000Z', '2026-03-08', '2026-03-09'],
    ['weekly', '2026-11-22T23:59:59.999Z', '2026-11-16', '2026-11-23'],
    ['weekly', '2026-11-23T00:00:00.000Z', '2026-11-23', '2026-11-30'],
    ['weekly', '2027-01-01T08:00:00.000Z', '2026-12-28', '2027-01-04'],
    ['monthly', '2028-02-29T23:59:59.999Z', '2028-02-01', '2028-03-01'],
    ['monthly', '2100-02-28T23:59:59.999Z', '2100-02-01', '2100-03-01'],
    ['monthly', '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
  ] as const)('%s at %s runs from %s to %s', (span, moment, from, to) => {
    const start = windowStart(span, new Date(moment));
    expect(start).toEqual(new Date(`${from}T00:00:00Z`));
    expect(windowEnd(span, start)).toEqual(new Date(`${to}T00:00:00Z`));
    expect(purseIdOf('bgt_1', start)).toBe(`bgt_1:${from}`);
  });

  it('of a total neither begins nor ends', () => {
    expect(SPANS).toContain('total');
    expect(windowStart('total', new Date())).toBeNull();
    expect(windowEnd('total', null)).toBeNull();
    expect(purseIdOf('bgt_1', null)).toBe('bgt_1:total');
  });
});
