// What the text of a setting can mean. Each parser throws what the text must be, as the end of a sentence
// that the setting's name begins; the text itself, which may be a secret, stands in none.

export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Error(`must be a whole number from ${least} to ${most}`);
  };
}

export function sealingKey(text: string): Uint8Array {
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  // Node's decoder skips what is no base64; 32 bytes are 43 characters, and one that fills up.
  if (key.length === 32 && /^([0-9a-f]{64}|[\w+/-]{43}=?)$/i.test(text)) return key;
  throw new Error('must be 32 bytes as base64 or hex, such as `openssl rand -base64 32` prints');
}

export function url(schemes: readonly string[]): (text: string) => string {
  return (text) => {
    const parsed = URL.parse(text);
    if (parsed && schemes.includes(parsed.protocol) && parsed.hostname !== '') return text;
    throw new Error(`must be a URL that starts with ${schemes.map((s) => `${s}//`).join(' or ')}`);
  };
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

export function awsRegion(text: string): string {
  if (/^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/.test(text)) return text;
  throw new Error('must be an AWS region such as eu-central-1');
}

/** A key goes into a header: a line end or another control character in it would split the head. */
export function headerText(text: string): string | undefined {
  if (/[^\x21-\x7e]/.test(text)) throw new Error('must be printable ASCII without spaces');
  return text || undefined;
}
