// Where signatures stand in Gemini's wire: on the part that they belong to, while the intermediate
// form has them right before it. One that nothing follows stands on an empty text.

import type { JsonObject } from '../../base/json.ts';

/** What Google documents for calls that its models did not make, and so did not sign. */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

export interface SignaturePlacer {
  /** Whatever comes next is the part of this signature. */
  sign(signature: string): void;
  /** The part, with the signature that waits for it. */
  place(part: JsonObject): JsonObject;
  /** The empty text for a signature that waits; for whenever none of its parts can follow. */
  owed(): JsonObject[];
}

/** A placer for the parts of one answer or turn. */
export function placeSignatures(): SignaturePlacer {
  let waiting: string | undefined;

  function place(part: JsonObject): JsonObject {
    if (waiting === undefined) return part;
    const signed = { ...part, thoughtSignature: waiting };
    waiting = undefined;
    return signed;
  }

  return {
    sign(signature) {
      waiting = signature;
    },
    place,
    owed: () => (waiting === undefined ? [] : [place({ text: '' })]),
  };
}
