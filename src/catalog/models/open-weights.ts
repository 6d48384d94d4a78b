// Models whose weights many providers serve, and of makers with few models. What a provider allows
// less than the weights can (a shorter window, a lower cap) stands with its offer.

import type { ReasoningEffort } from '../../chat/request.ts';
import { type Capabilities, reasoning } from '../capabilities.ts';
import type { BaseModel } from '../model.ts';
import { define } from './define.ts';

const HIGH_AND_MAX: readonly ReasoningEffort[] = ['high', 'max'];

const SWITCH: Partial<Capabilities> = {
  reasoning: reasoning('switch'),
  promptCaching: 'automatic',
};
const ALWAYS: Partial<Capabilities> = {
  reasoning: reasoning('always', [], false),
  promptCaching: 'automatic',
};
const EFFORT: Partial<Capabilities> = {
  reasoning: reasoning('effort', HIGH_AND_MAX),
  promptCaching: 'automatic',
};

const LLAMA_4 = { input: ['text', 'image'] } as const;

export const OPEN_WEIGHT_MODELS: readonly BaseModel[] = Object.freeze([
  define('deepseek/deepseek-v4-pro', 'DeepSeek V4 Pro', {
    contextWindow: 1_000_000,
    maxOutputTokens: 384_000,
    can: { ...EFFORT, logprobs: true },
  }),
  define('deepseek/deepseek-v4-flash', 'DeepSeek V4 Flash', {
    contextWindow: 1_000_000,
    maxOutputTokens: 384_000,
    can: { ...EFFORT, logprobs: true },
  }),
  define('deepseek/deepseek-v3.2', 'DeepSeek V3.2', {
    contextWindow: 163_840,
    maxOutputTokens: 64_000,
    can: SWITCH,
  }),
  define('moonshot/kimi-k3', 'Kimi K3', {
    contextWindow: 1_048_576,
    maxOutputTokens: 262_144,
    input: ['text', 'image'],
    aliases: ['kimi-latest'],
    can: { ...SWITCH, structuredOutput: 'schema' },
  }),
  define('moonshot/kimi-k2.7-code', 'Kimi K2.7 Code', {
    contextWindow: 262_144,
    maxOutputTokens: 262_144,
    input: ['text', 'image'],
    can: { ...ALWAYS, structuredOutput: 'schema', sampling: false },
  }),
  define('moonshot/kimi-k2.7-code-highspeed', 'Kimi K2.7 Code Highspeed', {
    contextWindow: 262_144,
    maxOutputTokens: 262_144,
    input: ['text', 'image'],
    can: { ...ALWAYS, structuredOutput: 'schema', sampling: false },
  }),
  define('moonshot/kimi-k2.6', 'Kimi K2.6', {
    contextWindow: 262_144,
    maxOutputTokens: 262_144,
    input: ['text', 'image'],
    can: { ...SWITCH, structuredOutput: 'schema' },
  }),
  define('moonshot/kimi-k2.5', 'Kimi K2.5', {
    contextWindow: 262_144,
    maxOutputTokens: 262_144,
    input: ['text', 'image'],
    can: { ...SWITCH, structuredOutput: 'schema', sampling: false },
  }),
  define('zhipu/glm-5.3', 'GLM-5.3', {
    contextWindow: 1_000_000,
    maxOutputTokens: 131_072,
    can: EFFORT,
  }),
  define('zhipu/glm-5.3-flash', 'GLM-5.3 Flash', {
    contextWindow: 1_000_000,
    maxOutputTokens: 131_072,
    can: EFFORT,
  }),
  define('zhipu/glm-5.2', 'GLM-5.2', {
    contextWindow: 1_000_000,
    maxOutputTokens: 131_072,
    can: EFFORT,
  }),
  define('zhipu/glm-5.1', 'GLM-5.1', {
    contextWindow: 202_752,
    maxOutputTokens: 131_072,
    can: SWITCH,
  }),
  define('minimax/minimax-m3', 'MiniMax M3', {
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    input: ['text', 'image'],
    can: SWITCH,
  }),
  define('minimax/minimax-m2.7', 'MiniMax M2.7', {
    contextWindow: 204_800,
    maxOutputTokens: 131_072,
    can: ALWAYS,
  }),
  define('minimax/minimax-m2.7-highspeed', 'MiniMax M2.7 Highspeed', {
    contextWindow: 204_800,
    maxOutputTokens: 131_072,
    can: ALWAYS,
  }),
  define('qwen/qwen3.7-plus', 'Qwen3.7 Plus', {
    contextWindow: 1_000_000,
    maxOutputTokens: 64_000,
    input: ['text', 'image'],
    can: SWITCH,
  }),
  define('qwen/qwen3.7-max', 'Qwen3.7 Max', {
    contextWindow: 1_000_000,
    maxOutputTokens: 65_536,
    can: SWITCH,
  }),
  define('qwen/qwen3.5-397b-a17b', 'Qwen3.5 397B A17B', {
    contextWindow: 262_144,
    maxOutputTokens: 65_536,
    input: ['text', 'image'],
    can: { ...SWITCH, structuredOutput: 'schema' },
  }),
  define('qwen/qwen3-235b-a22b-2507', 'Qwen3 235B A22B Instruct 2507', {
    contextWindow: 262_144,
    maxOutputTokens: 65_536,
  }),
  define('qwen/qwen3-coder-480b', 'Qwen3 Coder 480B', {
    contextWindow: 262_144,
    maxOutputTokens: 65_536,
  }),
  define('qwen/qwen3-32b', 'Qwen3 32B', {
    contextWindow: 131_072,
    maxOutputTokens: 16_384,
    can: { reasoning: reasoning('switch') },
  }),
  define('meta/llama-4-maverick', 'Llama 4 Maverick', {
    ...LLAMA_4,
    contextWindow: 1_000_000,
    maxOutputTokens: 16_384,
  }),
  define('meta/llama-4-scout', 'Llama 4 Scout', {
    ...LLAMA_4,
    contextWindow: 1_000_000,
    maxOutputTokens: 16_384,
  }),
  define('meta/llama-3.3-70b', 'Llama 3.3 70B', {
    contextWindow: 131_072,
    maxOutputTokens: 32_768,
  }),
  define('meta/llama-3.1-8b', 'Llama 3.1 8B', { contextWindow: 131_072, maxOutputTokens: 8_192 }),
  define('nvidia/nemotron-3-ultra', 'Nemotron 3 Ultra', {
    contextWindow: 262_144,
    maxOutputTokens: 65_536,
    can: SWITCH,
  }),
  define('nvidia/nemotron-3-super', 'Nemotron 3 Super', {
    contextWindow: 262_144,
    maxOutputTokens: 32_768,
    can: SWITCH,
  }),
]);
