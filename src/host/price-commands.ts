// What the command line does about prices: checks and publishes the operator's list, shows what
// holds, and sets markups. Requests and replies are plain JSON, because a running hub may have to do
// it (control.ts).

import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import { isPriceable, isProvider } from '../catalog/catalog.ts';
import { LEAD_MS, type MarkupScope } from '../catalog/markup.ts';
import type { PriceFault } from '../catalog/price-list.ts';
import { type Refreshed, decideProposal, refreshPrices } from '../catalog/price-proposals.ts';
import { addMarkup, checkPrices, publishPrices, readPriceBook } from '../catalog/price-store.ts';
import { type ShownProposal, showProposals } from '../catalog/proposal-view.ts';
import type { Sql } from '../db/database.ts';

export interface PricesRequest {
  /** The JSON of the list, not yet judged. */
  readonly list: unknown;
  /** Models whose rates may jump this once. */
  readonly acceptJumps: readonly string[];
}

export interface PricesReply {
  /** None: the list is good. */
  readonly faults: readonly PriceFault[];
  /** Ids of the new versions in the list, published where that was asked. */
  readonly versions: readonly string[];
}

export interface ShowPricesRequest {
  readonly model?: string | undefined;
}

export interface ShownPrice {
  readonly id: string;
  readonly model: string;
  readonly origin: string;
  readonly effectiveFrom: string;
  readonly inForce: boolean;
  /** By class, nano-dollars per million units as decimal text. */
  readonly rates: Readonly<Record<string, string>>;
  readonly markupBps: number;
}

export interface MarkupRequest {
  readonly scope: MarkupScope;
  readonly target: string | null;
  /** Null takes the rule back. */
  readonly bps: number | null;
}

export interface ShownMarkup extends MarkupRequest {
  readonly effectiveFrom: string;
}

export interface ProposalDecision {
  readonly id: string;
  readonly decision: 'approved' | 'rejected';
  readonly acceptJump: boolean;
}

export interface PriceCommands {
  checkPrices(request: PricesRequest): Promise<PricesReply>;
  publishPrices(request: PricesRequest): Promise<PricesReply>;
  /** Every tier of what holds and of what will; of one model everything that ever held. */
  showPrices(request: ShowPricesRequest): Promise<{ readonly prices: readonly ShownPrice[] }>;
  /** Throws `not_found` for a provider or a model that the hub does not have. */
  setMarkup(request: MarkupRequest): Promise<ShownMarkup>;
  showMarkups(): Promise<{ readonly markups: readonly ShownMarkup[] }>;
  /** Files what this price data says otherwise. Throws `invalid_request` for other data. */
  proposePrices(request: { readonly feed: unknown }): Promise<Refreshed>;
  showProposals(): Promise<{ readonly proposals: readonly ShownProposal[] }>;
  decideProposal(request: ProposalDecision): Promise<{ readonly version: string | null }>;
}

export function priceCommands(sql: Sql, clock: Clock): PriceCommands {
  const own = (request: PricesRequest) => ({ ...request, origin: 'operator' as const });
  return {
    async checkPrices(request) {
      return replyOf(await checkPrices(sql, own(request), clock.wallMs()));
    },
    async publishPrices(request) {
      return replyOf(await publishPrices(sql, own(request), clock.wallMs()));
    },
    async showPrices({ model }) {
      return { prices: await listPrices(sql, clock.wallMs(), model) };
    },
    async setMarkup({ scope, target, bps }) {
      refuseUnknownTarget(scope, target);
      const effectiveFromMs = clock.wallMs() + LEAD_MS;
      await addMarkup(sql, { scope, target, bps, effectiveFromMs });
      return { scope, target, bps, effectiveFrom: isoOf(effectiveFromMs) };
    },
    proposePrices: ({ feed }) => refreshPrices(sql, feed, clock.wallMs()),
    async showProposals() {
      return { proposals: await showProposals(sql, clock.wallMs()) };
    },
    decideProposal: (request) =>
      decideProposal(sql, { ...request, decidedBy: null }, clock.wallMs()),
    async showMarkups() {
      const { markups } = await readPriceBook(sql);
      return {
        markups: markups.map(({ effectiveFromMs, ...rule }) => ({
          ...rule,
          effectiveFrom: isoOf(effectiveFromMs),
        })),
      };
    },
  };
}

function replyOf({ faults, fresh }: Awaited<ReturnType<typeof checkPrices>>): PricesReply {
  return { faults, versions: fresh.map(({ version }) => version) };
}

async function listPrices(sql: Sql, nowMs: number, model?: string): Promise<ShownPrice[]> {
  const book = await readPriceBook(sql);
  const shown = book.published.flatMap(({ origin, price }) => {
    const inForce = book.priceAt(price.model, nowMs) === price;
    const isWanted = model === undefined ? inForce || price.effectiveFromMs > nowMs : true;
    if (!isWanted || (model !== undefined && price.model !== model)) return [];
    return price.tiers.map((tier) => ({
      id: tier.priceId,
      model: price.model,
      origin,
      effectiveFrom: isoOf(price.effectiveFromMs),
      inForce,
      rates: Object.fromEntries(
        Object.entries(tier.rates).map(([name, rate]) => [name, rate.toString()]),
      ),
      markupBps: book.markupAt(price.model, nowMs),
    }));
  });
  return shown.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function refuseUnknownTarget(scope: MarkupScope, target: string | null): void {
  const isKnown =
    scope === 'default' ||
    (target !== null && (scope === 'provider' ? isProvider(target) : isPriceable(target)));
  if (!isKnown) throw new HubError('not_found', { message: `This hub has no such ${scope}.` });
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
