// Azure OpenAI by its v1 API, https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle.
// The address is the operator's resource, `https://NAME.openai.azure.com`; a deployment bears the name of
// its model unless a setting says otherwise. Older resources are asked in a dated version of the API.

import type { Provider } from './provider.ts';

export const azure = Object.freeze<Provider>({
  id: 'azure',
  name: 'Azure OpenAI',
  baseUrl: undefined,
  basePath: '/openai/v1',
  protocols: ['openai-chat', 'openai-responses', 'openai-embeddings'],
  dated: {
    basePath: '/openai',
    paths: {
      'openai-chat': '/deployments/{model}/chat/completions?api-version={version}',
      'openai-responses': '/responses?api-version={version}',
      'openai-embeddings': '/deployments/{model}/embeddings?api-version={version}',
    },
  },
  auth: 'api-key',
  quirks: { outputCapField: 'max_completion_tokens', streamUsageOption: true, takesHints: true },
  headers: {},
  openCatalog: false,
  // https://learn.microsoft.com/azure/ai-foundry/responsible-ai/openai/data-privacy
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['chosen'] },
});
