// What pages ask of the usage records: the latest requests and the spend of a day. Request ids sort
// by their time, so both read a range of one index for each key of the workspace: an index by workspace
// would cost every booking a tenth of what it costs. The shapes are ready for JSON: amounts as decimal
// text, times as ISO 8601.

import { newId } from '../base/ids.ts';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';

const DAY_MS = 86_400_000;
/** `req_` and the ten characters of the time. */
const ID_TIME_LENGTH = 14;

export interface ActivityRow {
  readonly id: string;
  readonly book: Book;
  readonly keyId: string;
  readonly keyName: string;
  readonly protocol: string;
  readonly streamed: boolean;
  readonly modelAsked: string | null;
  readonly modelServed: string | null;
  readonly provider: string | null;
  /** All input classes but cache reads. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly chargeNanos: string;
  readonly quarantined: boolean;
  readonly status: number;
  readonly outcome: string;
  readonly errorCode: string | null;
  readonly firstByteMs: number | null;
  readonly durationMs: number;
  readonly startedAt: string;
}

export interface ActivityFilter {
  readonly book?: Book | undefined;
  /** Only requests older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** One page of a workspace's requests, newest first; `next` is null on the last page. */
export async function listActivity(
  sql: Sql,
  workspaceId: string,
  filter: ActivityFilter,
): Promise<{ readonly rows: ActivityRow[]; readonly next: string | null }> {
  const { limit } = filter;
  const found = await selectActivity(sql, workspaceId, filter).execute();
  const rows = found.slice(0, limit).map(activityRow);
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}

/** What the requests that began in the last 24 hours were charged, by book. */
export async function readSpentLastDay(
  sql: Sql,
  workspaceId: string,
  wallMs: number,
): Promise<Readonly<Record<Book, Nanos>>> {
  const oldestId = newId('req', wallMs - DAY_MS).slice(0, ID_TIME_LENGTH);
  const rows = await sql
    .selectFrom('api_keys as key')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('usage_records')
          .select(['book', (of) => of.fn.sum<string>('charge_nanos').as('spent')])
          .whereRef('key_id', '=', 'key.id')
          .where('id', '>=', oldestId)
          .groupBy('book')
          .as('day'),
      (join) => join.onTrue(),
    )
    .select(['day.book', (eb) => eb.fn.sum<string>('day.spent').as('spent')])
    .where('key.workspace_id', '=', workspaceId)
    .groupBy('day.book')
    .execute();
  const spentIn = (book: Book): Nanos => BigInt(rows.find((row) => row.book === book)?.spent ?? 0);
  return { live: spentIn('live'), test: spentIn('test') };
}

/** A page's requests are the newest of some keys, and of no more keys than it has requests. */
function selectActivity(sql: Sql, workspaceId: string, { book, before, limit }: ActivityFilter) {
  const requestsOf = sql
    .selectFrom('usage_records as request')
    .select('request.id')
    .$if(book !== undefined, (query) => query.where('request.book', '=', book ?? 'live'))
    .$if(before !== undefined, (query) => query.where('request.id', '<', before ?? ''))
    .orderBy('request.id', 'desc');
  const ofKey = sql.dynamic.ref<'key.id'>('key.id');
  const keys = sql
    .selectFrom('api_keys as key')
    .innerJoinLateral(
      requestsOf.whereRef('request.key_id', '=', ofKey).limit(1).as('newest'),
      (join) => join.onTrue(),
    )
    .select(['key.id', 'key.name'])
    .where('key.workspace_id', '=', workspaceId)
    .orderBy('newest.id', 'desc')
    .limit(limit + 1);
  const page = sql
    .selectFrom(keys.as('key'))
    .innerJoinLateral(
      requestsOf
        .whereRef('request.key_id', '=', ofKey)
        .limit(limit + 1)
        .as('found'),
      (join) => join.onTrue(),
    )
    .select(['found.id', 'key.name as key_name'])
    .orderBy('found.id', 'desc')
    .limit(limit + 1);
  return sql
    .selectFrom(page.as('page'))
    .innerJoin('usage_records as usage', 'usage.id', 'page.id')
    .selectAll('usage')
    .select('page.key_name')
    .orderBy('usage.id', 'desc');
}

type Row = Awaited<ReturnType<ReturnType<typeof selectActivity>['execute']>>[number];

function activityRow(row: Row): ActivityRow {
  return {
    id: row.id,
    book: row.book,
    keyId: row.key_id,
    keyName: row.key_name,
    protocol: row.protocol,
    streamed: row.streamed,
    modelAsked: row.model_asked,
    modelServed: row.model_served,
    provider: row.provider,
    inputTokens: Number(
      row.in_uncached + row.in_cache_write_5m + row.in_cache_write_1h + row.in_cache_write_other,
    ),
    cacheReadTokens: Number(row.in_cache_read),
    outputTokens: Number(row.out_text + row.out_reasoning),
    chargeNanos: row.charge_nanos.toString(),
    quarantined: row.quarantined,
    status: row.status,
    outcome: row.outcome,
    errorCode: row.error_code,
    firstByteMs: row.first_byte_ms,
    durationMs: row.duration_ms,
    startedAt: row.started_at.toISOString(),
  };
}
