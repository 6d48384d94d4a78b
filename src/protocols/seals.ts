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

/** A block that its maker alone can read: the signature of some thinking, or hidden thinking. */
export type SealedBlock =
  | { readonly type: 'thinking'; readonly signature: string; readonly maker: string }
  | { readonly type: 'redacted_thinking'; readonly data: string; readonly maker: string };

/** What begins the contents of an envelope that may hold either. */
const SIGNED = 's:';
const REDACTED = 'r:';

/** The text for a field of the protocol `own` that holds blocks of both kinds. */
export function wrapBlock(block: SealedBlock, own: string): string {
  const { maker } = block;
  if (block.type === 'redacted_thinking') {
    return wrapSeal({ maker, data: REDACTED + block.data }, own);
  }
  return maker === own ? block.signature : wrapSeal({ maker, data: SIGNED + block.signature }, own);
}

/** What such a text holds; a protocol's own is a signature. */
export function unwrapBlock(text: string, own: string): SealedBlock {
  const { maker, data } = unwrapSeal(text, own);
  if (maker === own) return { type: 'thinking', signature: data, maker };
  return data.startsWith(REDACTED)
    ? { type: 'redacted_thinking', data: data.slice(REDACTED.length), maker }
    : { type: 'thinking', signature: data.slice(SIGNED.length), maker };
}
