// MiniMax, https://platform.minimax.io/docs/api-reference/text-openai-api. Its thinking stands in the
// text, and errors may come under status 200. In China it is https://api.minimaxi.com.

import type { Provider } from './provider.ts';

export const minimax = Object.freeze<Provider>({
  id: 'minimax',
  name: 'MiniMax',
  baseUrl: 'https://api.minimax.io',
  basePath: '/',
  protocols: ['openai-chat', 'anthropic-messages'],
  paths: { 'openai-chat': '/v1/chat/completions', 'anthropic-messages': '/anthropic/v1/messages' },
  auth: 'bearer',
  quirks: {
    outputCapField: 'max_tokens',
    streamUsageOption: true,
    reasoningField: 'think_tags',
    noTokenCounting: true,
  },
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: false,
  // https://www.minimax.io/platform/protocol/privacy-policy
  dataPolicy: { trainsOnData: true, retentionDays: undefined, regions: ['sg', 'cn'] },
});
