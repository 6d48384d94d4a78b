// What a price feed says otherwise than the published prices waits here for an operator's decision.
// An approved proposal becomes a published version of the operator's own list, judged like any other;
// a rejected one is not proposed again, one that the feed takes back is withdrawn.

import { createHash } from 'node:crypto';
import { HubError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { isPriceable } from './catalog.ts';
import { readFeed } from './feed.ts';
import { changesOf, isFed } from './feed-changes.ts';
import { LISTINGS } from './listings.ts';
import { type PriceDraft, readDate } from './price-list.ts';
import { joinBuiltIn, publishPricesIn, readPriceBook } from './price-store.ts';

export interface Refreshed {
  /** How many proposals are new. */
  readonly filed: number;
  readonly withdrawn: number;
  /** Offers that the feed cannot price, and why. */
  readonly unread: readonly { readonly model: string; readonly reason: string }[];
}

/** Files what the feed's data says otherwise; throws `invalid_request` for data of another form. */
export async function refreshPrices(sql: Sql, data: unknown, nowMs: number): Promise<Refreshed> {
  const feed = readFeed(data);
  if (!feed) {
    throw new HubError('invalid_request', { message: 'This is no price data of genai-prices.' });
  }
  return inTransaction(sql, async (tx) => {
    const book = joinBuiltIn(await readPriceBook(tx), nowMs);
    const wanted = new Map<string, PriceDraft>();
    const unread: { model: string; reason: string }[] = [];
    for (const listing of LISTINGS) {
      const { id } = listing.model;
      if (!isFed(listing) || !isPriceable(id)) continue;
      const changes = changesOf(feed, listing, { book, origin: 'operator', nowMs });
      if (typeof changes === 'string') unread.push({ model: id, reason: changes });
      else for (const draft of changes) wanted.set(digestOf(draft), draft);
    }
    const withdrawn = await withdrawOthers(tx, [...wanted.keys()], nowMs);
    const filed = await file(tx, wanted);
    return { filed, withdrawn, unread };
  });
}

async function withdrawOthers(tx: Sql, digests: string[], nowMs: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('price_proposals')
    .set({ decision: 'withdrawn', decided_at: new Date(nowMs) })
    .where('decision', 'is', null)
    .where('digest', 'not in', [...digests, ''])
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

async function file(tx: Sql, wanted: ReadonlyMap<string, PriceDraft>): Promise<number> {
  let filed = 0n;
  for (const [digest, { model, effectiveFrom, ...terms }] of wanted) {
    const fromMs = effectiveFrom === undefined ? undefined : readDate(effectiveFrom);
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('price_proposals')
      .values({
        model,
        effective_from: fromMs === undefined ? null : new Date(fromMs),
        terms: JSON.stringify(terms),
        digest,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    filed += numInsertedOrUpdatedRows ?? 0n;
  }
  return Number(filed);
}

function digestOf(draft: PriceDraft): string {
  return createHash('sha256').update(JSON.stringify(draft)).digest('hex');
}

export interface Proposal {
  readonly id: string;
  readonly filedAt: Date;
  /** Without a date it holds from its approval. */
  readonly draft: PriceDraft;
}

/** What waits for a decision, the oldest first. */
export async function listProposals(sql: Sql): Promise<readonly Proposal[]> {
  const rows = await sql
    .selectFrom('price_proposals')
    .select(['id', 'model', 'effective_from', 'terms', 'filed_at'])
    .where('decision', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id.toString(),
    filedAt: row.filed_at,
    draft: draftOf(row.model, row.effective_from, row.terms),
  }));
}

export interface Decision {
  readonly id: string;
  readonly decision: 'approved' | 'rejected';
  /** Whether rates may jump by more than ten times this once. */
  readonly acceptJump: boolean;
  /** Who decided; null on the command line. */
  readonly decidedBy: string | null;
}

/**
 * Decides once; returns the version that an approval published. Throws `not_found` for what does not
 * wait, `conflict` where the checks of prices refuse it, and then it goes on waiting.
 */
export async function decideProposal(
  sql: Sql,
  { id, decision, acceptJump, decidedBy }: Decision,
  nowMs: number,
): Promise<{ readonly version: string | null }> {
  return inTransaction(sql, async (tx) => {
    const row = await tx
      .updateTable('price_proposals')
      .set({ decision, decided_at: new Date(nowMs), decided_by: decidedBy })
      .where('id', '=', readId(id))
      .where('decision', 'is', null)
      .returning(['model', 'effective_from', 'terms'])
      .executeTakeFirst();
    if (!row) throw new HubError('not_found', { message: 'No such proposal waits.' });
    if (decision === 'rejected') return { version: null };
    // A date that has passed since is no date of a publication: it then holds from now on.
    const from = row.effective_from;
    const draft = draftOf(row.model, from && from.getTime() > nowMs ? from : null, row.terms);
    const acceptJumps = acceptJump ? [row.model] : [];
    const order = { origin: 'operator', list: { prices: [draft] }, acceptJumps } as const;
    const { faults, fresh } = await publishPricesIn(tx, order, nowMs);
    if (faults.length > 0) {
      const message = faults.map((fault) => `${fault.message} (${fault.code})`).join(' ');
      throw new HubError('conflict', { message });
    }
    return { version: fresh[0]?.version ?? null };
  });
}

function readId(text: string): bigint {
  if (!/^\d{1,18}$/.test(text))
    throw new HubError('not_found', { message: 'No such proposal waits.' });
  return BigInt(text);
}

function draftOf(model: string, from: Date | null, terms: JsonObject): PriceDraft {
  const when = from === null ? {} : { effectiveFrom: from.toISOString() };
  return { model, ...when, ...(terms as Pick<PriceDraft, 'rates'>) };
}
