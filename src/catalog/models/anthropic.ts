// Anthropic's models, https://docs.anthropic.com/en/docs/about-claude/models. Up to 4.5 a model is
// told to think by a budget, later ones adaptively; from Opus 4.7 on sampling is refused.

import type { ReasoningEffort } from '../../chat/request.ts';
import { type Capabilities, type ReasoningAbility, reasoning } from '../capabilities.ts';
import type { BaseModel } from '../model.ts';
import { define } from './define.ts';

const LOW_TO_HIGH: readonly ReasoningEffort[] = ['low', 'medium', 'high'];
const WITH_MAX: readonly ReasoningEffort[] = [...LOW_TO_HIGH, 'max'];
const ALL: readonly ReasoningEffort[] = [...LOW_TO_HIGH, 'xhigh', 'max'];

const BUDGET = reasoning('budget');
const ADAPTIVE = reasoning('adaptive', ALL);
/** Thinking cannot be switched off. */
const ALWAYS_ADAPTIVE = reasoning('adaptive', ALL, false);

const LIMITS = { contextWindow: 1_000_000, maxOutputTokens: 128_000 };

function can(ability: ReasoningAbility, more: Partial<Capabilities> = {}): Partial<Capabilities> {
  return {
    structuredOutput: 'schema',
    reasoning: ability,
    promptCaching: 'explicit',
    sampling: false,
    citations: true,
    ...more,
  };
}

function claude(
  model: string,
  name: string,
  facts: Partial<Parameters<typeof define>[2]>,
): BaseModel {
  // Other catalogues write the version with a dot.
  const dotted = model.replace(/-(\d)-(\d)$/, '-$1.$2');
  const aliases = [...(dotted === model ? [] : [dotted]), ...(facts.aliases ?? [])];
  return define(`anthropic/${model}`, name, {
    ...LIMITS,
    input: ['text', 'image', 'file'],
    can: can(ADAPTIVE),
    ...facts,
    aliases,
  });
}

export const ANTHROPIC_MODELS: readonly BaseModel[] = Object.freeze([
  claude('claude-fable-5-1', 'Claude Fable 5.1', {
    aliases: ['claude-fable-latest'],
    can: can(ALWAYS_ADAPTIVE),
  }),
  claude('claude-opus-5-5', 'Claude Opus 5.5', {
    aliases: ['claude-opus-latest'],
    can: can(ALWAYS_ADAPTIVE),
  }),
  claude('claude-opus-5', 'Claude Opus 5', { deprecationDate: '2027-07-24' }),
  claude('claude-opus-4-8', 'Claude Opus 4.8', {}),
  claude('claude-opus-4-7', 'Claude Opus 4.7', { deprecationDate: '2027-04-16' }),
  claude('claude-opus-4-6', 'Claude Opus 4.6', {
    can: can(reasoning('adaptive', WITH_MAX), { sampling: true }),
  }),
  claude('claude-opus-4-5', 'Claude Opus 4.5', {
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    aliases: ['claude-opus-4-5-20251101'],
    can: can(reasoning('budget', LOW_TO_HIGH), { sampling: true }),
  }),
  claude('claude-sonnet-5-5', 'Claude Sonnet 5.5', { aliases: ['claude-sonnet-latest'] }),
  claude('claude-sonnet-5', 'Claude Sonnet 5', {}),
  claude('claude-sonnet-4-6', 'Claude Sonnet 4.6', {
    maxOutputTokens: 64_000,
    can: can(reasoning('adaptive', WITH_MAX), { sampling: true }),
  }),
  // The longer window was a beta that ended on 2026-04-30: longer prompts are refused.
  claude('claude-sonnet-4-5', 'Claude Sonnet 4.5', {
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    aliases: ['claude-sonnet-4-5-20250929'],
    can: can(BUDGET, { sampling: true }),
  }),
  // Its price has a step at 100 000 tokens of prompt; how far its window goes beyond is not published.
  claude('claude-haiku-5-5', 'Claude Haiku 5.5', {
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    aliases: ['claude-haiku-latest'],
  }),
  claude('claude-haiku-4-5', 'Claude Haiku 4.5', {
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    aliases: ['claude-haiku-4-5-20251001'],
    can: can(BUDGET, { sampling: true }),
  }),
]);
