// What the pages make of what they get: amounts as text, rows as CSV, and the way back after
// signing in.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCsv } from '../../web/parts/csv.ts';
import { internalPath } from '../../web/parts/internal-path.ts';
import { remainingTime } from '../../web/parts/time-words.ts';
import { exactUsd, exactUsdOfFemtos, roundedUsd } from '../../web/parts/usd.ts';

describe('rounded amounts', () => {
  it.each([
    ['0', '$0.00'],
    ['5000000000', '$5.00'],
    ['1234567890000000', '$1,234,567.89'],
    ['10000000', '$0.01'],
    ['14999999', '$0.01'],
    ['15000000', '$0.02'],
    ['4999999999', '$5.00'],
    ['9999999', '$0.010000'],
    ['5400', '$0.000005'],
    ['12300', '$0.000012'],
    ['1', '<$0.000001'],
    ['-2500000000', '−$2.50'],
    ['-12', '−<$0.000001'],
  ])('shows %s nano-dollars as %s', (nanos, shown) => {
    expect(roundedUsd(nanos)).toBe(shown);
  });
});

describe('exact amounts', () => {
  it('keep every nano-dollar and at least two decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (nanos) => {
        const shown = exactUsd(nanos.toString());
        const [whole = '', fraction = ''] = shown.replace('−', '-').replace(/[$,]/g, '').split('.');
        expect(fraction.length).toBeGreaterThanOrEqual(2);
        expect(BigInt(whole + fraction.padEnd(9, '0'))).toBe(nanos);
      }),
    );
  });

  it('keep the fifteen decimals of a receipt line', () => {
    expect(exactUsdOfFemtos('1')).toBe('$0.000000000000001');
    expect(exactUsdOfFemtos('1800000000')).toBe('$0.0000018');
  });
});

describe('the time until a moment', () => {
  const SECOND = 1_000;
  const HOUR = 3_600 * SECOND;
  it.each([
    [0, 'now'],
    [-5, 'now'],
    [1, 'in 1 s'],
    [60 * SECOND, 'in 60 s'],
    [60 * SECOND + 1, 'in 2 min'],
    [HOUR, 'in 60 min'],
    [4 * HOUR + 1, 'in 5 h'],
    [48 * HOUR, 'in 48 h'],
    [48 * HOUR + 1, 'in 3 d'],
    [7 * 24 * HOUR, 'in 7 d'],
  ])('%i ms away is shown as %s', (leftMs, shown) => {
    expect(remainingTime(1_000_000 + leftMs, 1_000_000)).toBe(shown);
  });
});

describe('rows as CSV', () => {
  it('quotes what would break a line, and defuses formulas in free text', () => {
    const rows = [
      { id: 'req_1', keyName: 'laptop, "old"', chargeNanos: '-5', firstByteMs: null },
      { id: 'req_2', keyName: '=HYPERLINK("x")', chargeNanos: '5400', firstByteMs: 9 },
    ];
    expect(toCsv(rows)).toBe(
      'id,keyName,chargeNanos,firstByteMs\r\n' +
        'req_1,"laptop, ""old""",-5,\r\n' +
        'req_2,"\'=HYPERLINK(""x"")",5400,9\r\n',
    );
  });

  it.each([
    ['=HYPERLINK("https://evil.example";"x")', '\'=HYPERLINK("https://evil.example";"x")'],
    ['+1+cmd', "'+1+cmd"],
    ['-2+3', "'-2+3"],
    ['@SUM(1)', "'@SUM(1)"],
    ['＝SUM(1)', "'＝SUM(1)"],
    ['\t=SUM(1)', "'\t'=SUM(1)"],
    ['a;=SUM(1)', "a;'=SUM(1)"],
    ['a,+1', "a,'+1"],
    ['a\r\n=SUM(1)', "a\r'\n'=SUM(1)"],
    ['-5', '-5'],
    ['a=b, c-d', 'a=b, c-d'],
    ['<b>x</b>', '<b>x</b>'],
  ])('leaves of %j no formula for any spreadsheet', (keyName, harmless) => {
    const [, cell = ''] = /^keyName\r\n([^]*)\r\n$/.exec(toCsv([{ keyName }])) ?? [];
    const read = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
    expect(read).toBe(harmless);
  });
});

describe('the way back after signing in', () => {
  const origin = 'https://hub.example';

  it.each(['/console', '/console/keys?book=test', '/models?q=a%20b'])('leads to %s', (path) => {
    expect(internalPath(path, origin)).toBe(path);
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'https://evil.example/console',
    'javascript:alert(1)',
    'console',
    '',
    undefined,
  ])('never leads to %j', (value) => {
    expect(internalPath(value, origin)).toBeUndefined();
  });
});
