// What a request used, in disjoint classes: every token is counted in exactly one of them, whatever
// a provider's own convention is (inclusive at OpenAI, additive at Anthropic). Protocols reduce to
// this form; prices, usage rows and receipts know no other.

/** The classes in the order in which every page, receipt and document lists them. */
export const TOKEN_CLASSES = Object.freeze([
  'inUncached',
  'inCacheRead',
  'inCacheWrite5m',
  'inCacheWrite1h',
  'inCacheWriteOther',
  'inAudio',
  'inAudioCacheRead',
  'inImage',
  'inImageCacheRead',
  'outText',
  'outReasoning',
  'outAudio',
  'outImage',
] as const);

export type TokenClass = (typeof TOKEN_CLASSES)[number];

/**
 * Those of sound and pictures, where a provider counts them apart from text because they cost
 * otherwise. Records keep them in this order.
 */
export const MEDIA_CLASSES = Object.freeze([
  'inAudio',
  'inAudioCacheRead',
  'inImage',
  'inImageCacheRead',
  'outAudio',
  'outImage',
] as const satisfies readonly TokenClass[]);

export type MediaClass = (typeof MEDIA_CLASSES)[number];

/** Those that a request can bring or order: what of them a cache holds is the provider's to say. */
export type MediaKind = Exclude<MediaClass, 'inAudioCacheRead' | 'inImageCacheRead'>;

/** Non-negative safe integers. */
export type TokenCounts = Readonly<Record<TokenClass, number>>;

/** Units of endpoints that are not priced by the token; audio counts in milliseconds. */
export const UNIT_CLASSES = Object.freeze([
  'images',
  'audioMs',
  'characters',
  'searchUnits',
] as const);

export type UnitClass = (typeof UNIT_CLASSES)[number];

/** Non-negative safe integers. */
export type UnitCounts = Readonly<Record<UnitClass, number>>;

export const NO_UNITS: UnitCounts = Object.freeze({
  images: 0,
  audioMs: 0,
  characters: 0,
  searchUnits: 0,
});

/**
 * Where the counts come from: the provider's final word; the provider's word on one side with our
 * estimate of the other (`partial`, a cut stream); our estimate alone; or nothing (never sent).
 * `unreadable` means the provider reported something that cannot be true, so the charge waits for
 * review.
 */
export type UsageSource = 'provider' | 'partial' | 'estimated' | 'none' | 'unreadable';

export interface Usage {
  readonly tokens: TokenCounts;
  readonly units: UnitCounts;
  /** The tier in which the provider says that it served; undefined is the standard one. */
  readonly serviceTier: string | undefined;
  readonly source: UsageSource;
}

export const NO_TOKENS: TokenCounts = Object.freeze({
  inUncached: 0,
  inCacheRead: 0,
  inCacheWrite5m: 0,
  inCacheWrite1h: 0,
  inCacheWriteOther: 0,
  inAudio: 0,
  inAudioCacheRead: 0,
  inImage: 0,
  inImageCacheRead: 0,
  outText: 0,
  outReasoning: 0,
  outAudio: 0,
  outImage: 0,
});

/** Both sides together, written out: spreading them costs ten times as much. */
export function allTokens(
  input: NonNullable<ReportedUsage['input']>,
  output: NonNullable<ReportedUsage['output']>,
): TokenCounts {
  return {
    inUncached: input.inUncached,
    inCacheRead: input.inCacheRead,
    inCacheWrite5m: input.inCacheWrite5m,
    inCacheWrite1h: input.inCacheWrite1h,
    inCacheWriteOther: input.inCacheWriteOther,
    inAudio: input.inAudio ?? 0,
    inAudioCacheRead: input.inAudioCacheRead ?? 0,
    inImage: input.inImage ?? 0,
    inImageCacheRead: input.inImageCacheRead ?? 0,
    outText: output.outText,
    outReasoning: output.outReasoning,
    outAudio: output.outAudio ?? 0,
    outImage: output.outImage ?? 0,
  };
}

export function inputTokens(tokens: TokenCounts): number {
  return (
    tokens.inUncached +
    tokens.inCacheRead +
    tokens.inCacheWrite5m +
    tokens.inCacheWrite1h +
    tokens.inCacheWriteOther +
    tokens.inAudio +
    tokens.inAudioCacheRead +
    tokens.inImage +
    tokens.inImageCacheRead
  );
}

export function outputTokens(tokens: TokenCounts): number {
  return tokens.outText + tokens.outReasoning + tokens.outAudio + tokens.outImage;
}

/**
 * What a provider has reported so far, each side possibly still unknown; classes of sound and
 * pictures that are absent from a side are zero. `problem` names the rule
 * that the report breaks (never a value of it); then the counts are not to be believed.
 */
export interface ReportedUsage {
  readonly input?: Pick<
    TokenCounts,
    'inUncached' | 'inCacheRead' | 'inCacheWrite5m' | 'inCacheWrite1h' | 'inCacheWriteOther'
  > &
    Partial<Pick<TokenCounts, 'inAudio' | 'inAudioCacheRead' | 'inImage' | 'inImageCacheRead'>>;
  readonly output?: Pick<TokenCounts, 'outText' | 'outReasoning'> &
    Partial<Pick<TokenCounts, 'outAudio' | 'outImage'>>;
  /** What is not counted in tokens; all that is absent is zero. */
  readonly units?: Partial<UnitCounts>;
  /** The tier in which it was served, where the provider names one that is not the standard one. */
  readonly serviceTier?: string;
  /** The provider fell back to another model by itself; its name, empty where it is not told. */
  readonly fallbackModel?: string;
  /** The provider said nothing about caches: the cache counts are zero for want of a word. */
  readonly cacheUnknown?: true;
  /** Whether `output` is the final figure rather than a running one. */
  readonly final: boolean;
  readonly problem?: UsageProblem;
}

export type UsageProblem =
  | 'not_a_count'
  | 'parts_exceed_whole'
  | 'total_does_not_reconcile'
  | 'unpriced_class'
  /** Sound or pictures were delivered, and their count has not come. */
  | 'uncounted';
