// The public catalogue of models and prices.

import { modelsReply } from './contract.ts';
import type { ConsoleDeps } from './deps.ts';
import type { ConsoleApp } from './server.ts';

export function addModelRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  app.get('/models', { schema: { response: { 200: modelsReply } } }, async () => ({
    models: deps.models(),
  }));
}
