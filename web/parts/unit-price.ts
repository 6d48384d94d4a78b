// Prices as people know them: tokens and characters by the million, everything else by the piece.

interface Unit {
  /** How many of the counted units one such piece is. */
  readonly units: bigint;
  readonly per: string;
}

const MILLION: Unit = { units: 1_000_000n, per: 'million' };
const UNITS: Readonly<Record<string, Unit>> = {
  images: { units: 1n, per: 'image' },
  audioMs: { units: 60_000n, per: 'minute' },
  characters: { units: 1_000_000n, per: 'million characters' },
  searchUnits: { units: 1n, per: 'search unit' },
};

export interface UnitPrice {
  /** Nano-dollars as decimal text. */
  readonly nanos: string;
  readonly per: string;
}

export function unitPriceOf(name: string, nanosPerMillion: string): UnitPrice {
  const { units, per } = UNITS[name] ?? MILLION;
  return { nanos: ((BigInt(nanosPerMillion) * units) / MILLION.units).toString(), per };
}
