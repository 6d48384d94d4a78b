// Google's models, https://ai.google.dev/gemini-api/docs/models. Up to 2.5 a model is told to think by
// a budget, later ones by a level. They also watch, and hear, which is sold where its price is known.

import type { ReasoningEffort } from '../../chat/request.ts';
import { type Capabilities, type ReasoningAbility, budgeted, reasoning } from '../capabilities.ts';
import type { BaseModel } from '../model.ts';
import { define } from './define.ts';

const LOW_TO_HIGH: readonly ReasoningEffort[] = ['low', 'medium', 'high'];
const FROM_MINIMAL: readonly ReasoningEffort[] = ['minimal', ...LOW_TO_HIGH];

/** The lowest level still thinks. */
const FLASH = reasoning('effort', FROM_MINIMAL, false);
const PRO = reasoning('effort', LOW_TO_HIGH, false);

const GEMINI = {
  contextWindow: 1_048_576,
  maxOutputTokens: 65_536,
  input: ['text', 'image', 'file'],
} as const;

const HEARING = { ...GEMINI, input: [...GEMINI.input, 'audio'] } as const;

const PAINTING = {
  maxOutputTokens: 32_768,
  input: ['text', 'image'],
  output: ['text', 'image'],
  can: { tools: false, parallelTools: false, structuredOutput: 'none' },
} as const;

function can(ability: ReasoningAbility): Partial<Capabilities> {
  return { structuredOutput: 'schema', reasoning: ability, promptCaching: 'automatic' };
}

export const GOOGLE_MODELS: readonly BaseModel[] = Object.freeze([
  define('google/gemini-3.8-flash', 'Gemini 3.8 Flash', {
    ...GEMINI,
    can: can(FLASH),
    aliases: ['gemini-flash-latest'],
  }),
  define('google/gemini-3.7-flash', 'Gemini 3.7 Flash', { ...GEMINI, can: can(FLASH) }),
  define('google/gemini-3.6-flash', 'Gemini 3.6 Flash', { ...GEMINI, can: can(FLASH) }),
  define('google/gemini-3.5-flash', 'Gemini 3.5 Flash', { ...GEMINI, can: can(FLASH) }),
  define('google/gemini-3.5-flash-lite', 'Gemini 3.5 Flash Lite', {
    ...GEMINI,
    can: can(FLASH),
    aliases: ['gemini-flash-lite-latest'],
  }),
  define('google/gemini-3.1-pro-preview', 'Gemini 3.1 Pro Preview', {
    ...GEMINI,
    can: can(PRO),
    aliases: ['gemini-pro-latest'],
  }),
  define('google/gemini-3.1-flash-lite', 'Gemini 3.1 Flash Lite', { ...HEARING, can: can(FLASH) }),
  define('google/gemini-3-flash-preview', 'Gemini 3 Flash Preview', {
    ...HEARING,
    can: can(FLASH),
  }),
  define('google/gemini-2.5-pro', 'Gemini 2.5 Pro', {
    ...GEMINI,
    can: can(budgeted(128, 32_768, false)),
  }),
  define('google/gemini-2.5-flash', 'Gemini 2.5 Flash', {
    ...HEARING,
    can: can(budgeted(1, 24_576)),
  }),
  define('google/gemini-2.5-flash-lite', 'Gemini 2.5 Flash Lite', {
    ...HEARING,
    can: can(budgeted(512, 24_576)),
  }),
  define('google/gemini-2.5-flash-image', 'Gemini 2.5 Flash Image', {
    ...PAINTING,
    contextWindow: 32_768,
  }),
  define('google/gemini-3-pro-image-preview', 'Gemini 3 Pro Image Preview', {
    ...PAINTING,
    contextWindow: 65_536,
  }),
  define('google/gemma-4-31b', 'Gemma 4 31B', {
    contextWindow: 262_144,
    maxOutputTokens: 32_768,
    input: ['text', 'image'],
    can: { structuredOutput: 'schema', reasoning: reasoning('switch') },
  }),
]);
