import { describe, expect, it } from 'vitest';
import { isWithin, parseIp, parseIpRange } from '../../src/base/ip.ts';

function within(address: string, ...ranges: string[]): boolean {
  const parsed = parseIp(address);
  if (!parsed) throw new Error(`${address} is no address`);
  return isWithin(
    parsed,
    ranges.map((range) => parseIpRange(range)).filter((range) => range !== undefined),
  );
}

describe('a range of addresses', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.8', '203.0.113.7', false],
    ['203.0.113.8', '0.0.0.0/0', true],
    ['2001:db8:7::9', '2001:db8:7::/48', true],
    ['2001:db8:8::9', '2001:db8:7::/48', false],
    // IPv4 is the same address however it is wrapped, on either side.
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['11.1.2.3', '::ffff:10.0.0.0/104', false],
    ['10.1.2.3', '::ffff:10.1.2.3', true],
    // All of one family is nothing of the other.
    ['10.1.2.3', '::/0', false],
    ['2001:db8::1', '0.0.0.0/0', false],
  ])('has %s in %s: %s', (address, range, expected) => {
    expect(within(address, range)).toBe(expected);
  });

  it.each([
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/8 ',
    ' 10.0.0.0/8',
    '10.0.0.0/0x8',
    '10/8',
    '10.1/16',
    '0x0a000000/8',
    '012.0.0.1',
    '1.2.3.4.5',
    '256.0.0.1',
    '2001:db8::/129',
    '::ffff:10.0.0.0/95',
    'fe80::1%eth0',
    'fe80::%eth0/10',
    'example.com',
    '*',
  ])('is not read from "%s"', (text) => {
    expect(parseIpRange(text)).toBeUndefined();
  });
});
