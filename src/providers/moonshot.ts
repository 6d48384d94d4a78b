// Moonshot's Kimi, https://platform.moonshot.ai/docs. Keys hold at one of two addresses: this one, and
// https://api.moonshot.cn in China.

import type { Provider } from './provider.ts';

export const moonshot = Object.freeze<Provider>({
  id: 'moonshot',
  name: 'Moonshot AI',
  baseUrl: 'https://api.moonshot.ai',
  basePath: '/',
  protocols: ['openai-chat', 'anthropic-messages'],
  paths: { 'openai-chat': '/v1/chat/completions', 'anthropic-messages': '/anthropic/v1/messages' },
  auth: 'bearer',
  quirks: {
    outputCapField: 'max_tokens',
    streamUsageOption: true,
    reasoningInHistory: 'with_calls',
    thinkingSwitch: true,
    forcedChoiceStopsThinking: true,
    noTokenCounting: true,
  },
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: false,
  // https://platform.moonshot.ai/docs/agreement/userprivacy
  dataPolicy: { trainsOnData: true, retentionDays: undefined, regions: ['sg', 'cn'] },
});
