// What the operator adds to list prices: dated rules by model, by provider or for everything, in
// basis points. Rules are added and never changed; one without a figure takes its forerunner back.

export type MarkupScope = 'default' | 'provider' | 'model';

export interface Markup {
  readonly scope: MarkupScope;
  /** A provider's or a model's id; null for the default. */
  readonly target: string | null;
  /** Null: the rule is taken back, and the next wider one counts. */
  readonly bps: number | null;
  readonly effectiveFromMs: number;
}

/**
 * A publication reaches every node within a second: what is published without a date holds after
 * twice that, so that all nodes go over to it at the same instant.
 */
export const LEAD_MS = 2_000;
const LEAST_BPS = -9_999;
const MOST_BPS = 1_000_000;

/** `5.5` per cent as 550 basis points; undefined for more than two decimals or out of bounds. */
export function parsePercent(text: string): number | undefined {
  const match = /^(-?)(\d{1,5})(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction = ''] = match;
  const size = Number(`${whole}${fraction.padEnd(2, '0')}`);
  const bps = sign === '-' && size > 0 ? -size : size;
  return bps >= LEAST_BPS && bps <= MOST_BPS ? bps : undefined;
}
