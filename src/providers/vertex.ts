// Gemini and, in Messages, Claude on Google's cloud, whose address names the project and the place.
// https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude

import type { Provider } from './provider.ts';

export const vertex = Object.freeze<Provider>({
  id: 'vertex',
  name: 'Google Vertex AI',
  baseUrl: undefined,
  ignoredEnding: '/publishers/google',
  protocols: ['gemini'],
  paths: {
    // It takes the count of contents, but not that of a whole request as the Gemini API does.
    gemini: {
      whole: '/publishers/google/models/{model}:generateContent',
      stream: '/publishers/google/models/{model}:streamGenerateContent?alt=sse',
    },
    'anthropic-messages': {
      whole: '/publishers/anthropic/models/{model}:rawPredict',
      stream: '/publishers/anthropic/models/{model}:streamRawPredict',
      count: '/publishers/anthropic/models/count-tokens:rawPredict',
    },
  },
  auth: 'google-oauth',
  quirks: {
    outputCapField: 'max_tokens',
    streamUsageOption: false,
    versionInBody: 'vertex-2023-10-16',
    betas: [
      'computer-use-2025-01-24',
      'computer-use-2025-11-24',
      'context-management-2025-06-27',
      'interleaved-thinking-2025-05-14',
    ],
  },
  headers: {},
  openCatalog: false,
  // https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/abuse-monitoring
  dataPolicy: { trainsOnData: false, retentionDays: 90, regions: ['chosen'] },
});
