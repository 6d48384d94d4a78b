// Google's Gemini API, https://ai.google.dev/api. Interactions is there for its own clients alone: their
// thoughts go back with the signatures that Google knows. The OpenAI-compatible end is left out, for it
// wants the credential in another header and tells less of thinking and usage.

import type { Provider } from './provider.ts';

export const gemini = Object.freeze<Provider>({
  id: 'gemini',
  name: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  protocols: ['gemini', 'gemini-interactions'],
  auth: 'x-goog-api-key',
  keyCheckPath: '/models',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: false },
  headers: {},
  openCatalog: false,
  dataPolicy: { trainsOnData: false, retentionDays: 55, regions: ['us'] },
});
