// Offers to route among: providers with a data policy and a price each, all of one model.

import { PLAIN_CHAT } from '../../src/catalog/capabilities.ts';
import type { Route } from '../../src/catalog/catalog.ts';
import { type AddFault, makePrice } from '../../src/catalog/price-list.ts';
import type { Quote } from '../../src/catalog/price.ts';
import type { DataPolicy, Provider } from '../../src/providers/provider.ts';

export interface Offer {
  readonly route: Route;
  readonly quote: Quote;
}

const QUIRKS = { outputCapField: 'max_tokens', streamUsageOption: true } as const;
const POLICY: DataPolicy = { trainsOnData: false, retentionDays: 0, regions: ['us'] };

const refuseFaults: AddFault = (code, where) => {
  throw new Error(`${code} at ${where}`);
};

/** `input` and `output`: dollars for a million tokens. */
export function offer(
  providerId: string,
  input: string,
  output = input,
  more: Partial<DataPolicy> & {
    readonly model?: string;
    readonly contextWindow?: number;
    readonly weight?: number;
    /** The label of the hub's account. */
    readonly account?: string;
  } = {},
): Offer {
  const { model = 'm', contextWindow = 100_000, weight, account, ...policy } = more;
  const provider: Provider = {
    id: providerId,
    name: providerId,
    baseUrl: undefined,
    protocols: ['openai-chat'],
    auth: 'none',
    quirks: QUIRKS,
    headers: {},
    openCatalog: false,
    dataPolicy: { ...POLICY, ...policy },
  };
  const id = `${providerId}/${model}`;
  const names = { id, base: model, name: model, provider: providerId, upstreamModel: model };
  const facts = {
    aliases: [],
    modalities: { input: ['text'], output: ['text'] },
    capabilities: PLAIN_CHAT,
  } as const;
  const price = makePrice(
    { model: id, effectiveFrom: '2026-01-01', rates: { input, output } },
    'prices[0]',
    { origin: 'builtin', nowMs: 0, soonMs: 0 },
    refuseFaults,
  );
  if (!price) throw new Error('no price');
  return {
    route: {
      model: { ...names, ...facts, contextWindow, maxOutputTokens: 8_192 },
      provider,
      settings: {
        baseUrl: 'http://127.0.0.1:1/v1',
        credential: undefined,
        privateNetwork: true,
        ...(weight !== undefined && { weight }),
        ...(account !== undefined && { account: { label: account, limits: undefined } }),
      },
      quirks: QUIRKS,
    },
    quote: { modelId: id, price, markupBps: 0, atMs: 0 },
  };
}
