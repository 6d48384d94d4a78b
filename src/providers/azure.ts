// Azure OpenAI by its v1 API, https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle.
// The address is the operator's resource, `https://NAME.openai.azure.com`; a deployment bears the name of
// its model.

import type { Provider } from './provider.ts';

export const azure = Object.freeze<Provider>({
  id: 'azure',
  name: 'Azure OpenAI',
  baseUrl: undefined,
  basePath: '/openai/v1',
  protocols: ['openai-chat', 'openai-responses', 'openai-embeddings'],
  auth: 'api-key',
  quirks: { outputCapField: 'max_completion_tokens', streamUsageOption: true, takesHints: true },
  headers: {},
  openCatalog: false,
  // https://learn.microsoft.com/azure/ai-foundry/responsible-ai/openai/data-privacy
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['chosen'] },
});
