// IP addresses and ranges, read by one parser wherever somebody writes them: settings, the limits of
// a key, what a proxy forwards. Strict, because a lenient reading (`127.1`, `10/8`, octal) means
// another address than its writer did.

import ipaddr from 'ipaddr.js';

export type IpAddress = ReturnType<typeof ipaddr.process>;
export type IpRange = ReturnType<typeof ipaddr.parseCIDR>;

/** IPv4 that is wrapped in IPv6 comes out as IPv4; a zone (`%eth0`) is left out. */
export function parseIp(text: string): IpAddress | undefined {
  const address = text.replace(/%.*$/, '');
  if (!address.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
}

/** A CIDR range, or a single address as a range of one. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (!address || text.includes('%')) return undefined;
  const most = address.kind() === 'ipv4' ? 32 : 128;
  // The bits of a wrapped IPv4 range are those of IPv6: `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
  const wrapped = most === 32 && text.includes(':') ? 96 : 0;
  const digits = slash < 0 ? String(most + wrapped) : text.slice(slash + 1);
  const bits = /^\d{1,3}$/.test(digits) ? Number(digits) - wrapped : -1;
  return bits >= 0 && bits <= most ? ([address, bits] as IpRange) : undefined;
}

export function isWithin(address: IpAddress, ranges: readonly IpRange[]): boolean {
  return ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
}
