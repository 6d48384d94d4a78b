import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientIp, parseRanges } from '../../src/http/client-ip.ts';

function from(peer: string | undefined, forwarded?: string): Parameters<typeof clientIp>[0] {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { peerAddress: peer, headers };
}

const PROXIES = ['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.7'];

describe('the address of a client', () => {
  it('is the peer, unwrapped, when no proxy is trusted, whatever the header says', () => {
    expect(clientIp(from('203.0.113.9', '1.2.3.4'), [])).toBe('203.0.113.9');
    expect(clientIp(from('::ffff:203.0.113.9'), [])).toBe('203.0.113.9');
    expect(clientIp(from('2001:db8::1'), [])).toBe('2001:db8::1');
    expect(clientIp(from('fe80::1%eth0'), [])).toBe('fe80::1');
    expect(clientIp(from(undefined), [])).toBeUndefined();
  });

  it('is the peer when the peer is no trusted proxy', () => {
    expect(clientIp(from('203.0.113.9', '1.2.3.4'), PROXIES)).toBe('203.0.113.9');
  });

  it.each([
    ['10.1.1.1', '198.51.100.4', '198.51.100.4'],
    ['::ffff:10.1.1.1', '198.51.100.4', '198.51.100.4'],
    ['2001:db8:ffff::9', '2001:db8::77', '2001:db8::77'],
    // What the client itself wrote stands to the left of what the proxies added.
    ['10.1.1.1', '6.6.6.6, 198.51.100.4', '198.51.100.4'],
    ['10.1.1.1', '6.6.6.6,198.51.100.4,10.2.2.2 , 192.0.2.7', '198.51.100.4'],
    // Ports, as some balancers add them.
    ['10.1.1.1', '198.51.100.4:4711', '198.51.100.4'],
    ['10.1.1.1', '[2001:db8::77]:4711', '2001:db8::77'],
    // All of them trusted: the one furthest away.
    ['10.1.1.1', '10.3.3.3, 10.2.2.2', '10.3.3.3'],
    ['10.1.1.1', '', '10.1.1.1'],
  ])('behind %s with "%s" is %s', (peer, forwarded, expected) => {
    expect(clientIp(from(peer, forwarded), PROXIES)).toBe(expected);
  });

  it.each(['unknown', '127.1', '0x7f000001', '1.2.3.4.5', '<script>'])(
    'is the nearest believable hop when a proxy forwards "%s"',
    (hop) => {
      expect(clientIp(from('10.1.1.1', `6.6.6.6, ${hop}, 10.2.2.2`), PROXIES)).toBe('10.2.2.2');
    },
  );

  it('cannot be chosen by what a client writes itself', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (written) => {
        const header = `${written}, 198.51.100.4`;
        expect(clientIp(from('10.1.1.1', header), PROXIES)).toBe('198.51.100.4');
      }),
    );
  });

  it('refuses a setting that is no range, by its name', () => {
    expect(() => parseRanges(['10.0.0.0/8', 'proxy.internal'])).toThrow(
      'TRUSTED_PROXIES holds "proxy.internal"',
    );
    expect(() => parseRanges(['10.0.0.0/33'])).toThrow('10.0.0.0/33');
  });
});
