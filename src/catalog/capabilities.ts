// What a model can do, as a closed record: clients choose by it, and the quirks with which a model is
// spoken to come of it, so that a fact about a model is written down once.

import type { ReasoningEffort } from '../chat/request.ts';
import type { Quirks } from '../protocols/protocol.ts';

export const MODALITIES = Object.freeze(['text', 'image', 'file', 'audio', 'vector'] as const);

/** A file is a document such as a PDF; a vector is an embedding. */
export type Modality = (typeof MODALITIES)[number];

/** What the hub sells of a model: input for which there is no class of price is left out. */
export interface Modalities {
  readonly input: readonly Modality[];
  readonly output: readonly Modality[];
}

/**
 * How a model is told to think: not at all, by an effort, by a budget of tokens, adaptively with an
 * effort as a hint, by a switch alone, or it always does and is told nothing.
 */
export const REASONING_STYLES = Object.freeze([
  'none',
  'effort',
  'budget',
  'adaptive',
  'switch',
  'always',
] as const);

export type ReasoningStyle = (typeof REASONING_STYLES)[number];

export interface ReasoningAbility {
  readonly style: ReasoningStyle;
  /** The levels that the provider takes, the lowest first; others are refused with 400. */
  readonly efforts: readonly ReasoningEffort[];
  /** Whether it can be told not to think. */
  readonly optional: boolean;
  /** The bounds of its budget in tokens, where the provider refuses others. */
  readonly budget?: { readonly least: number; readonly most: number };
}

export interface Capabilities {
  readonly tools: boolean;
  /** Whether one answer may hold several calls. */
  readonly parallelTools: boolean;
  /** Answers held to a JSON schema, to JSON as such, or to nothing. */
  readonly structuredOutput: 'schema' | 'json' | 'none';
  readonly reasoning: ReasoningAbility;
  /** By marks that the client sets, by itself, or never. */
  readonly promptCaching: 'explicit' | 'automatic' | 'none';
  /** Whether `temperature` and `top_p` are taken. */
  readonly sampling: boolean;
  readonly logprobs: boolean;
  /** Whether answers cite the documents that they were given. */
  readonly citations: boolean;
}

const NO_REASONING: ReasoningAbility = Object.freeze({
  style: 'none',
  efforts: [],
  optional: true,
});

/** Of a model that only answers: embeddings, images, speech, transcripts. */
export const NO_CONVERSATION: Capabilities = Object.freeze({
  tools: false,
  parallelTools: false,
  structuredOutput: 'none',
  reasoning: NO_REASONING,
  promptCaching: 'none',
  sampling: false,
  logprobs: false,
  citations: false,
});

/** Of a usual conversation model that does not think. */
export const PLAIN_CHAT: Capabilities = Object.freeze({
  tools: true,
  parallelTools: true,
  structuredOutput: 'json',
  reasoning: NO_REASONING,
  promptCaching: 'none',
  sampling: true,
  logprobs: false,
  citations: false,
});

export function reasoning(
  style: ReasoningStyle,
  efforts: readonly ReasoningEffort[] = [],
  optional = true,
): ReasoningAbility {
  return Object.freeze({ style, efforts, optional });
}

/** Of a model that takes a budget within these bounds. */
export function budgeted(least: number, most: number, optional = true): ReasoningAbility {
  return Object.freeze({ ...reasoning('budget', [], optional), budget: { least, most } });
}

/** The quirks that follow from what a model can do; a provider's own stand beside them. */
export function quirksOf(capabilities: Capabilities): Partial<Quirks> {
  const { reasoning: ability, sampling, promptCaching } = capabilities;
  const { style } = ability;
  const isTold = style === 'budget' || style === 'adaptive' || style === 'none';
  return {
    ...(isTold && { thinkingStyle: style }),
    ...effortsOf(ability),
    ...(ability.budget && { thinkingBudget: { ...ability.budget, stops: ability.optional } }),
    ...(!sampling && { refusesSampling: true }),
    ...(promptCaching === 'explicit' && { cachePoints: true }),
  };
}

/** Every effort is one too many for a model that never thinks, or is told nothing of it. */
function effortsOf({ style, efforts, optional }: ReasoningAbility): Pick<Quirks, 'efforts'> {
  if (style === 'none' || style === 'always') return { efforts: [] };
  if (efforts.length === 0) return {};
  return { efforts: optional && !efforts.includes('none') ? ['none', ...efforts] : efforts };
}
