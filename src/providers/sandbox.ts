// The provider that is built in: deterministic models on loopback, priced like a real one. Its
// address is known only once its server listens, so the start of the hub fills it in.

import type { Provider } from './provider.ts';

export const sandbox = Object.freeze<Provider>({
  id: 'sandbox',
  name: 'Sandbox',
  baseUrl: undefined,
  protocols: ['openai-chat'],
  auth: 'none',
  quirks: { outputCapField: 'max_completion_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: false,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['local'] },
});
