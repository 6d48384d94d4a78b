// Google's Gemini models through the OpenAI-compatible end of the Gemini API,
// https://ai.google.dev/gemini-api/docs/openai.

import type { Provider } from './provider.ts';

export const gemini = Object.freeze<Provider>({
  id: 'gemini',
  name: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
  protocols: ['openai-chat'],
  auth: 'bearer',
  // Thinking is billed as output, but only the total of tokens counts it.
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true, hiddenReasoning: true },
  headers: {},
  openCatalog: false,
  dataPolicy: { trainsOnData: false, retentionDays: 55, regions: ['us'] },
});
