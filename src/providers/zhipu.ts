// Zhipu's GLM, https://docs.z.ai/api-reference. In China it is https://open.bigmodel.cn/api.

import type { Provider } from './provider.ts';

export const zhipu = Object.freeze<Provider>({
  id: 'zhipu',
  name: 'Z.ai (Zhipu)',
  baseUrl: 'https://api.z.ai/api',
  protocols: ['openai-chat', 'anthropic-messages'],
  paths: {
    'openai-chat': '/paas/v4/chat/completions',
    'anthropic-messages': '/anthropic/v1/messages',
  },
  auth: 'bearer',
  quirks: {
    outputCapField: 'max_tokens',
    // Usage comes with every finish, unasked.
    streamUsageOption: false,
    thinkingSwitch: true,
    noTokenCounting: true,
  },
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: false,
  // https://docs.z.ai/legal-agreement/privacy-policy
  dataPolicy: { trainsOnData: true, retentionDays: undefined, regions: ['sg', 'cn'] },
});
