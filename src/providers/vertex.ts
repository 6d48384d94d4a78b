// Gemini on Vertex AI, whose address names the operator's project and place:
// https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION/publishers/google.

import type { Provider } from './provider.ts';

export const vertex = Object.freeze<Provider>({
  id: 'vertex',
  name: 'Google Vertex AI',
  baseUrl: undefined,
  protocols: ['gemini'],
  auth: 'google-oauth',
  // It takes the count of contents, but not that of a whole request as the Gemini API does.
  quirks: { outputCapField: 'max_tokens', streamUsageOption: false, noTokenCounting: true },
  headers: {},
  openCatalog: false,
  // https://cloud.google.com/vertex-ai/generative-ai/docs/vertex-ai-zero-data-retention
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['chosen'] },
});
