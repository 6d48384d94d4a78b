// Opaque blocks of other makers inside a protocol's own fields. A client sends every thinking block
// back as it got it, so a foreign signature travels in an envelope that names its maker, and never
// reaches a provider that cannot verify it. A protocol's own signatures are bare; they hold no colon.

const PREFIX = 'hub:';

export interface Seal {
  /** The id of the protocol whose provider made it. */
  readonly maker: string;
  readonly data: string;
}

/** The text for a field of the protocol `own`. */
export function wrapSeal({ maker, data }: Seal, own: string): string {
  return maker === own ? data : `${PREFIX}${maker}:${Buffer.from(data).toString('base64url')}`;
}

/** The maker and the original of such a text. */
export function unwrapSeal(text: string, own: string): Seal {
  const [, maker, data] = /^hub:([a-z0-9-]+):([\w-]*)$/.exec(text) ?? [];
  if (maker === undefined || data === undefined) return { maker: own, data: text };
  return { maker, data: Buffer.from(data, 'base64url').toString('utf8') };
}

/** Whether it is one that the protocol's own providers can have made. */
export function isOwnSeal(text: string): boolean {
  return text !== '' && !text.startsWith(PREFIX);
}
