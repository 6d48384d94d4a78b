// Every offer of the program's own catalogue: rows joined with the base models that they point to.

import type { ReasoningEffort } from '../chat/request.ts';
import type { Capabilities } from './capabilities.ts';
import { BASE_MODELS } from './models/list.ts';
import type { BaseModel, Listing, Model } from './model.ts';
import { type OfferRow, draftsOf, listOfferFiles } from './offer-rows.ts';
import { SANDBOX_LISTINGS } from './sandbox.ts';

/** In the order in which the offers of one model are tried where nothing else decides. */
export const LISTINGS: readonly Listing[] = Object.freeze([
  ...[...listOfferFiles().values()].flatMap(({ offers }) => offers.map(toListing)),
  ...SANDBOX_LISTINGS,
]);

function toListing(row: OfferRow): Listing {
  const base = BASE_MODELS.get(row.model);
  if (!base) throw new Error(`${row.id} offers ${row.model}, which is no base model.`);
  const { feed: key, cacheWrites = ['cacheWrite'], serviceTiers } = row;
  const model = toModel(row, base);
  const prices = draftsOf(row);
  if (key === undefined) return { model, prices };
  return { model, prices, feed: { key, cacheWrites, ...(serviceTiers && { serviceTiers }) } };
}

function toModel(row: OfferRow, base: BaseModel): Model {
  const { id, upstreamModel, protocols, efforts, regions, soldAt, dataPolicy } = row;
  return Object.freeze({
    ...base,
    id,
    base: base.id,
    provider: id.slice(0, id.indexOf('/')),
    upstreamModel,
    contextWindow: row.contextWindow ?? base.contextWindow,
    maxOutputTokens: row.maxOutputTokens ?? base.maxOutputTokens,
    ...(protocols && { protocols }),
    ...(efforts && { capabilities: withEfforts(base.capabilities, efforts) }),
    ...(regions && { regions }),
    ...(soldAt && { soldAt }),
    ...(dataPolicy && { dataPolicy }),
  });
}

function withEfforts(capabilities: Capabilities, efforts: readonly ReasoningEffort[]) {
  return { ...capabilities, reasoning: { ...capabilities.reasoning, efforts } };
}
