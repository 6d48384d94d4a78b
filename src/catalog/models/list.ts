// Every base model that the hub knows, whoever serves it. A model that only one provider ever sells
// stands here too: an offer always points to one.

import type { BaseModel } from '../model.ts';
import { ANTHROPIC_MODELS } from './anthropic.ts';
import { GOOGLE_MODELS } from './google.ts';
import { MAKER_MODELS } from './makers.ts';
import { OPENAI_MODELS } from './openai.ts';
import { OPEN_WEIGHT_MODELS } from './open-weights.ts';
import { RETRIEVAL_MODELS } from './retrieval.ts';

export const BASE_MODELS: ReadonlyMap<string, BaseModel> = new Map(
  [
    ...OPENAI_MODELS,
    ...ANTHROPIC_MODELS,
    ...GOOGLE_MODELS,
    ...MAKER_MODELS,
    ...OPEN_WEIGHT_MODELS,
    ...RETRIEVAL_MODELS,
  ].map((model) => [model.id, model]),
);
