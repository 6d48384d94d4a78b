// The public catalogue of models and prices.

import { modelsReply } from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

export function addModelRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  app.get('/models', { schema: { response: { 200: modelsReply } } }, async () => ({
    models: deps.models(),
  }));
}
