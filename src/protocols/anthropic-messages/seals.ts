// Opaque blocks of other makers inside Anthropic's fields. A client sends every thinking block back
// as it got it, so a foreign signature travels in an envelope that names its maker, and never
// reaches a provider that cannot verify it. Claude's own signatures are bare; they hold no colon.

const PREFIX = 'hub:';
export const MAKER = 'anthropic-messages';

export interface Seal {
  readonly maker: string;
  readonly data: string;
}

/** The text for a `signature` or `data` field. */
export function wrapSeal({ maker, data }: Seal): string {
  return maker === MAKER ? data : `${PREFIX}${maker}:${Buffer.from(data).toString('base64url')}`;
}

/** The maker and the original of such a text. */
export function unwrapSeal(text: string): Seal {
  const [, maker, data] = /^hub:([a-z0-9-]+):([\w-]*)$/.exec(text) ?? [];
  if (maker === undefined || data === undefined) return { maker: MAKER, data: text };
  return { maker, data: Buffer.from(data, 'base64url').toString('utf8') };
}

/** Whether a signature is one that Claude can have made. */
export function isOwnSeal(text: string): boolean {
  return text !== '' && !text.startsWith(PREFIX);
}
