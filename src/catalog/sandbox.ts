// The sandbox provider's models, priced like a real one, so that a demo or a test sees real sums.

import { SANDBOX_MAX_OUTPUT_TOKENS, SANDBOX_MODELS } from '../sandbox/models.ts';
import type { Model } from './model.ts';
import { definePrice } from './price.ts';

const RATES = { input: '2', cacheRead: '0.2', output: '10' };

export const SANDBOX_CATALOG: readonly Model[] = Object.freeze(
  SANDBOX_MODELS.map(({ id }) => ({
    id: `sandbox/${id}`,
    name: `Sandbox ${id}`,
    provider: 'sandbox',
    upstreamModel: id,
    contextWindow: 200_000,
    maxOutputTokens: SANDBOX_MAX_OUTPUT_TOKENS,
    price: definePrice(`sandbox/${id}`, '2026-11-23', RATES),
  })),
);
