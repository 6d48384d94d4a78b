// OpenAI's own API, https://platform.openai.com/docs/api-reference/chat.

import type { Provider } from './provider.ts';

export const openai = Object.freeze<Provider>({
  id: 'openai',
  name: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  protocols: ['openai-chat', 'openai-responses', 'openai-compaction'],
  auth: 'bearer',
  keyCheckPath: '/models',
  // Reasoning models refuse the older `max_tokens`.
  quirks: { outputCapField: 'max_completion_tokens', streamUsageOption: true, takesHints: true },
  headers: {},
  openCatalog: false,
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['us'] },
});
