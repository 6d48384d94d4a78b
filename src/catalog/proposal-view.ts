// How a proposal reads to the person who decides: figure by figure what holds and what would, and
// which checks of prices would refuse it.

import type { Clock } from '../base/clock.ts';
import type { Sql } from '../db/database.ts';
import { isPriceable } from './catalog.ts';
import { checkPriceList } from './price-check.ts';
import { type PriceDraft, makePrice } from './price-list.ts';
import { type Decision, type Proposal, decideProposal, listProposals } from './price-proposals.ts';
import { joinBuiltIn, readPriceBook } from './price-store.ts';
import type { PriceBook } from './price-book.ts';
import type { Price } from './price.ts';
import { PRICED_CLASSES } from './rates.ts';

export interface ProposedFigure {
  /** `` is the standard tier, `+272000` a long prompt's, `/flex` a service tier's. */
  readonly tier: string;
  readonly class: string;
  /** Nano-dollars per million units as decimal text; null where the class is not sold. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface ShownProposal {
  readonly id: string;
  readonly model: string;
  /** Null: from the approval on. */
  readonly effectiveFrom: string | null;
  readonly filedAt: string;
  readonly figures: readonly ProposedFigure[];
  /** Codes of the faults that refuse it; `jump` alone can be let through. */
  readonly faults: readonly string[];
}

/** Reading and deciding, for who knows neither tables nor time. */
export function proposalDesk(sql: Sql, clock: Clock) {
  return {
    list: () => showProposals(sql, clock.wallMs()),
    decide: (order: Decision) => decideProposal(sql, order, clock.wallMs()),
  };
}

export async function showProposals(sql: Sql, nowMs: number): Promise<readonly ShownProposal[]> {
  const book = joinBuiltIn(await readPriceBook(sql), nowMs);
  return (await listProposals(sql)).map((proposal) => show(proposal, book, nowMs));
}

function show({ id, filedAt, draft }: Proposal, book: PriceBook, nowMs: number): ShownProposal {
  const dated = isOver(draft, nowMs) ? withoutDate(draft) : draft;
  const { faults } = checkPriceList(
    { prices: [dated] },
    { book, origin: 'operator', nowMs, isKnownModel: isPriceable, acceptJumps: new Set() },
  );
  const make = { origin: 'operator', nowMs, soonMs: nowMs } as const;
  const after = makePrice(dated, '', make, () => undefined);
  const before = after && book.priceAt(after.model, after.effectiveFromMs);
  return {
    id,
    model: draft.model,
    effectiveFrom: dated.effectiveFrom ?? null,
    filedAt: filedAt.toISOString(),
    figures: after ? compare(before, after) : [],
    faults: [...new Set(faults.map(({ code }) => code))],
  };
}

function isOver({ effectiveFrom }: PriceDraft, nowMs: number): boolean {
  return effectiveFrom !== undefined && Date.parse(effectiveFrom) <= nowMs;
}

function withoutDate({ effectiveFrom: _, ...draft }: PriceDraft): PriceDraft {
  return draft;
}

/** Every figure that differs. */
function compare(before: Price | undefined, after: Price): ProposedFigure[] {
  const [old, young] = [ratesByTier(before), ratesByTier(after)];
  return [...new Set([...old.keys(), ...young.keys()])].flatMap((tier) =>
    PRICED_CLASSES.flatMap((name) => {
      const [was, is] = [old.get(tier)?.[name], young.get(tier)?.[name]];
      if (was === is) return [];
      const figure = { before: was?.toString() ?? null, after: is?.toString() ?? null };
      return [{ tier, class: name, ...figure }];
    }),
  );
}

function ratesByTier(price: Price | undefined) {
  return new Map(
    (price?.tiers ?? []).map(({ serviceTier, abovePromptTokens: above, rates }) => [
      `${above > 0 ? `+${above}` : ''}${serviceTier === undefined ? '' : `/${serviceTier}`}`,
      rates,
    ]),
  );
}
