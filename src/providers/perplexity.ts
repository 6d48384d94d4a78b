// Perplexity's Sonar, https://docs.perplexity.ai/api-reference. Every answer is a search of the web, and
// is billed as one beside its tokens.

import type { Provider } from './provider.ts';

export const perplexity = Object.freeze<Provider>({
  id: 'perplexity',
  name: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  protocols: ['openai-chat'],
  auth: 'bearer',
  quirks: {
    outputCapField: 'max_tokens',
    // Usage comes with every chunk, unasked.
    streamUsageOption: false,
    searchesEachAnswer: true,
    systemFirst: true,
    alternatingTurns: true,
  },
  headers: {},
  openCatalog: false,
  // https://docs.perplexity.ai/guides/privacy-security
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['us'] },
});
