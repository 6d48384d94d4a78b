// What a setting is: a variable of the environment with its parser, its default and one sentence; and
// the parsers that several share. A parser throws an Error whose message completes a sentence that
// begins with the name of the setting.

export interface Setting {
  readonly name: string;
  readonly defaultText: string;
  readonly secret: boolean;
  readonly about: string;
}

export interface ReadableSetting<T> extends Setting {
  readonly parse: (text: string) => T;
}

export const setting = <T>(
  name: string,
  defaultText: string,
  parse: (text: string) => T,
  about: string,
  secret = false,
): ReadableSetting<T> => Object.freeze({ name, defaultText, parse, about, secret });

export type ReadSetting = <T>(setting: ReadableSetting<T>) => T;

/** What the names of a provider's settings begin with. */
export function prefixOf(id: string): string {
  return id.toUpperCase().replaceAll('-', '_');
}

export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Error(`must be a whole number from ${least} to ${most}`);
  };
}

export function url(schemes: readonly string[]): (text: string) => string {
  return (text) => {
    const parsed = URL.parse(text);
    if (parsed && schemes.includes(parsed.protocol) && parsed.hostname !== '') return text;
    throw new Error(`must be a URL that starts with ${schemes.map((s) => `${s}//`).join(' or ')}`);
  };
}

/** Plain http is for a trial on the machine itself: nobody can be asked for secrets over it. */
export function secureUrl(text: string): string {
  const { protocol, hostname } = URL.parse(text) ?? {};
  const isHere = /^(localhost|\[::1\]|127(\.\d+){3})$/.test(hostname ?? '');
  if (protocol === 'https:' || (protocol === 'http:' && isHere)) return text;
  throw new Error(
    'must be a URL that starts with https://, or with http:// on this machine itself',
  );
}

export function optional<T>(parse: (text: string) => T): (text: string) => T | undefined {
  return (text) => (text === '' ? undefined : parse(text));
}

export function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value !== undefined) return value;
    throw new Error(`must be one of ${values.join(', ')}`);
  };
}

export function onOff(text: string): boolean {
  return oneOf(['on', 'off'])(text) === 'on';
}

export function sealingKey(text: string): Uint8Array {
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  // Node's decoder skips what is no base64; 32 bytes are 43 characters, and one that fills up.
  if (key.length === 32 && /^([0-9a-f]{64}|[\w+/-]{43}=?)$/i.test(text)) return key;
  throw new Error('must be 32 bytes as base64 or hex, such as `openssl rand -base64 32` prints');
}

/** A key goes into a header: a line end or another control character in it would split the head. */
export function headerText(text: string): string | undefined {
  if (/[^\x21-\x7e]/.test(text)) throw new Error('must be printable ASCII without spaces');
  return text || undefined;
}

/** The sender of messages: an address, or a name with one in angle brackets. */
export function sender(text: string): string {
  const isOne = /^([^<>\p{Cc}]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u.test(text);
  if (text === '' || isOne) return text;
  throw new Error('must be an address, such as Hub <hub@example.com>');
}
