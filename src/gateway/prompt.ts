// How large a prompt can be, and about how large it is, from what is known before it is sent. The
// bound decides what is held, so it must never be too low; the estimate is charged only where a
// provider did not tell, so it should be near (docs/billing-rules.md).

import type { Model } from '../catalog/model.ts';
import type { MediaDemand, RequestFacts } from '../protocols/protocol.ts';

/** More than any provider counts for one image at its highest detail, read or made. */
export const MOST_IMAGE_TOKENS = 16_384;
const USUAL_IMAGE_TOKENS = 1_000;
/** Prompts that providers add themselves, for tools above all. */
const HIDDEN_PROMPT_TOKENS = 2_048;
const BYTES_PER_TOKEN = 4;

/** The most tokens that this prompt can be: no tokenizer makes more tokens than bytes. */
export function promptTokenBound(model: Model, facts: RequestFacts, bodyBytes: number): number {
  if (facts.unboundedInput) return model.contextWindow;
  const text = textBytes(facts, bodyBytes) + HIDDEN_PROMPT_TOKENS;
  const seen = facts.images * MOST_IMAGE_TOKENS;
  return Math.min(text + seen + heardTokens(facts, 'most'), model.contextWindow);
}

/** How many of a prompt's tokens can be of this kind. */
export function mediaTokenBound(
  demand: MediaDemand,
  facts: RequestFacts,
  promptTokens: number,
): number {
  const most = demand.class === 'inImage' ? facts.images * MOST_IMAGE_TOKENS : demand.most;
  return Math.min(most ?? promptTokens, promptTokens);
}

/** About how many tokens this prompt is. */
export function promptTokenEstimate(facts: RequestFacts, bodyBytes: number): number {
  const text = textTokenEstimate(textBytes(facts, bodyBytes));
  return text + facts.images * USUAL_IMAGE_TOKENS + heardTokens(facts, 'likely');
}

/** Without a bound of its own sound may fill whatever the model reads. */
function heardTokens({ media }: RequestFacts, which: 'most' | 'likely'): number {
  if (media === undefined) return 0;
  const unknown = which === 'most' ? Number.POSITIVE_INFINITY : 0;
  const heard = media.filter((demand) => demand.class === 'inAudio');
  return heard.reduce((sum, demand) => sum + (demand[which] ?? unknown), 0);
}

function textBytes(facts: RequestFacts, bodyBytes: number): number {
  const { imageBytes, repeatedBytes = 0, media } = facts;
  const soundBytes = media?.reduce((sum, { bytes = 0 }) => sum + bytes, 0) ?? 0;
  return bodyBytes - imageBytes - soundBytes + repeatedBytes;
}

export function textTokenEstimate(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}
