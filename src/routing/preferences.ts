// What a caller wants of the way that a request takes, in OpenRouter's names: `provider` and `models`
// in the body of any protocol, or the same in a header, and the suffixes `:floor` and `:nitro` of a
// model's name. https://openrouter.ai/docs/features/provider-routing

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { type JsonObject, parseJson } from '../base/json.ts';
import type { Nanos } from '../base/money.ts';
import { parseRate } from '../catalog/rates.ts';

export type Sort = 'price' | 'latency' | 'throughput';

export interface Preferences {
  /** Models to take where the one that is asked for cannot answer, in their order. */
  readonly fallbacks: readonly string[];
  /** Providers (or single offers) to try first, in their order. */
  readonly order: readonly string[];
  /** No others than these. */
  readonly only: readonly string[] | undefined;
  readonly ignore: readonly string[];
  readonly sort: Sort | undefined;
  /** What a million tokens may cost the caller, in nano-dollars. */
  readonly maxPrice: { readonly prompt?: Nanos; readonly completion?: Nanos } | undefined;
  /** Providers must work in one of these. */
  readonly regions: readonly string[] | undefined;
  readonly zeroRetention: boolean;
  /** No provider that trains on what it is sent. */
  readonly noTraining: boolean;
  /** Whether a provider beyond `order`, or another one after a failure, may be taken. */
  readonly allowFallbacks: boolean;
}

/** The fields of a body that are the hub's, and never reach a provider. */
export const ROUTING_FIELDS: readonly string[] = Object.freeze(['provider', 'models', 'route']);
export const ROUTING_HEADER = 'x-inferencehub-routing';

const MOST_NAMES = 32;
const MOST_FALLBACKS = 8;
const MILLION = 1_000_000n;

const names = z.array(z.string().min(1).max(256)).max(MOST_NAMES);
const dollars = z.union([z.number().nonnegative(), z.string().max(24)]);
const provider = z.strictObject({
  order: names.optional(),
  only: names.optional(),
  ignore: names.optional(),
  sort: z.enum(['price', 'latency', 'throughput']).nullish(),
  max_price: z
    .strictObject({ prompt: dollars.optional(), completion: dollars.optional() })
    .nullish(),
  regions: names.optional(),
  zero_retention: z.boolean().nullish(),
  zdr: z.boolean().nullish(),
  data_collection: z.enum(['allow', 'deny']).nullish(),
  allow_fallbacks: z.boolean().nullish(),
});
const models = z.array(z.string().min(1).max(256)).max(MOST_FALLBACKS);
const inBody = z.object({
  provider: provider.nullish(),
  models: models.nullish(),
  // OpenRouter's older word for what `models` says already.
  route: z.enum(['fallback']).nullish(),
});
const inHeader = z.strictObject({ ...provider.shape, models: models.optional() });

const SUFFIXES: Readonly<Record<string, Sort>> = { ':floor': 'price', ':nitro': 'throughput' };

/** Undefined where the caller wants nothing in particular. Throws `invalid_request` by name. */
export function readPreferences(body: JsonObject, header: unknown): Preferences | undefined {
  if (header === undefined && !hasRoutingFields(body)) return undefined;
  const { provider: wishes, models: asked } = check(inBody, body, '');
  const general = header === undefined ? {} : readHeader(header);
  return toPreferences({ ...general, ...wishes }, asked ?? general.models ?? []);
}

/** The model's name without a suffix of ours, and what that asks for. */
export function splitSuffix(model: string): { readonly name: string; readonly sort?: Sort } {
  const colon = model.lastIndexOf(':');
  const sort = colon < 0 ? undefined : SUFFIXES[model.slice(colon)];
  return sort === undefined ? { name: model } : { name: model.slice(0, colon), sort };
}

export const NO_PREFERENCES: Preferences = Object.freeze({
  fallbacks: [],
  order: [],
  only: undefined,
  ignore: [],
  sort: undefined,
  maxPrice: undefined,
  regions: undefined,
  zeroRetention: false,
  noTraining: false,
  allowFallbacks: true,
});

export function hasRoutingFields(body: JsonObject): boolean {
  const { provider: wishes, models: asked, route } = body;
  return wishes !== undefined || asked !== undefined || route !== undefined;
}

function toPreferences(
  wishes: z.infer<typeof provider>,
  fallbacks: readonly string[],
): Preferences {
  const { prompt, completion } = wishes.max_price ?? {};
  return {
    fallbacks,
    order: wishes.order ?? [],
    only: wishes.only,
    ignore: wishes.ignore ?? [],
    sort: wishes.sort ?? undefined,
    maxPrice: wishes.max_price
      ? {
          ...(prompt !== undefined && { prompt: readRate(prompt, 'prompt') }),
          ...(completion !== undefined && { completion: readRate(completion, 'completion') }),
        }
      : undefined,
    regions: wishes.regions,
    zeroRetention: (wishes.zero_retention ?? wishes.zdr) === true,
    noTraining: wishes.data_collection === 'deny',
    allowFallbacks: wishes.allow_fallbacks !== false,
  };
}

function readHeader(header: unknown): z.infer<typeof inHeader> {
  const json = typeof header === 'string' ? parseJson(header) : undefined;
  return check(inHeader, json, ROUTING_HEADER);
}

function readRate(figure: number | string, name: string): Nanos {
  const rate = Number(figure) === 0 ? 0n : parseRate(String(figure), MILLION);
  if (typeof rate === 'bigint') return rate;
  const param = `provider.max_price.${name}`;
  throw new HubError('invalid_request', {
    param,
    message: `\`${param}\` must be dollars for a million tokens, as a plain decimal.`,
  });
}

function check<T>(schema: z.ZodType<T>, value: unknown, prefix: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(prefix ? [prefix] : []), ...(issue?.path ?? []), ...unknown].map(String);
  const param = path.join('.').slice(0, 200);
  throw new HubError('invalid_request', {
    param,
    message: unknown.length > 0 ? `\`${param}\` is not known here.` : `\`${param}\` is not valid.`,
  });
}
