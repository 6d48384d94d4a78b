// DeepSeek's own API, https://api-docs.deepseek.com. Its models think unless they are told not to.

import type { Provider } from './provider.ts';

export const deepseek = Object.freeze<Provider>({
  id: 'deepseek',
  name: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  basePath: '/',
  protocols: ['openai-chat', 'anthropic-messages'],
  paths: { 'anthropic-messages': '/anthropic/v1/messages' },
  auth: 'bearer',
  keyCheckPath: '/models',
  quirks: {
    outputCapField: 'max_tokens',
    streamUsageOption: true,
    reasoningInHistory: 'always',
    thinkingSwitch: true,
    forcedChoiceStopsThinking: true,
    noTokenCounting: true,
  },
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: false,
  // https://cdn.deepseek.com/policies/en-US/deepseek-privacy-policy.html
  dataPolicy: { trainsOnData: true, retentionDays: undefined, regions: ['cn'] },
});
