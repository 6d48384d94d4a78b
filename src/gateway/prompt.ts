// How large a prompt can be, and about how large it is, from what is known before it is sent. The
// bound decides what is held, so it must never be too low; the estimate is charged only where a
// provider did not tell, so it should be near (docs/billing-rules.md).

import type { Model } from '../catalog/model.ts';
import type { RequestFacts } from '../protocols/protocol.ts';

/** More than any provider counts for one image at its highest detail. */
const MOST_IMAGE_TOKENS = 16_384;
const USUAL_IMAGE_TOKENS = 1_000;
/** Prompts that providers add themselves, for tools above all. */
const HIDDEN_PROMPT_TOKENS = 2_048;
const BYTES_PER_TOKEN = 4;

/** The most tokens that this prompt can be: no tokenizer makes more tokens than bytes. */
export function promptTokenBound(model: Model, facts: RequestFacts, bodyBytes: number): number {
  if (facts.unboundedInput) return model.contextWindow;
  const text = textBytes(facts, bodyBytes) + HIDDEN_PROMPT_TOKENS;
  return Math.min(text + facts.images * MOST_IMAGE_TOKENS, model.contextWindow);
}

/** About how many tokens this prompt is. */
export function promptTokenEstimate(facts: RequestFacts, bodyBytes: number): number {
  return textTokenEstimate(textBytes(facts, bodyBytes)) + facts.images * USUAL_IMAGE_TOKENS;
}

function textBytes({ imageBytes, repeatedBytes = 0 }: RequestFacts, bodyBytes: number): number {
  return bodyBytes - imageBytes + repeatedBytes;
}

export function textTokenEstimate(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}
