// What pages ask of the usage records: the latest requests and the spend of a day. Request ids sort
// by their time, so both read a range of one index. The shapes are ready for JSON: amounts as
// decimal text, times as ISO 8601.

import { newId } from '../base/ids.ts';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import { readMedia } from './record.ts';

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
  readonly isOwnCredential: boolean;
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
  const { book, before, limit } = filter;
  const found = await selectActivity(sql, workspaceId)
    .$if(book !== undefined, (query) => query.where('usage.book', '=', book ?? 'live'))
    .$if(before !== undefined, (query) => query.where('usage.id', '<', before ?? ''))
    .orderBy('usage.id', 'desc')
    .limit(limit + 1)
    .execute();
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
    .selectFrom('usage_records')
    .select(['book', (eb) => eb.fn.sum<string>('charge_nanos').as('spent')])
    .where('workspace_id', '=', workspaceId)
    .where('id', '>=', oldestId)
    .groupBy('book')
    .execute();
  const spentIn = (book: Book): Nanos => BigInt(rows.find((row) => row.book === book)?.spent ?? 0);
  return { live: spentIn('live'), test: spentIn('test') };
}

function selectActivity(sql: Sql, workspaceId: string) {
  return sql
    .selectFrom('usage_records as usage')
    .innerJoin('api_keys as key', 'key.id', 'usage.key_id')
    .selectAll('usage')
    .select('key.name as key_name')
    .where('usage.workspace_id', '=', workspaceId);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectActivity>['execute']>>[number];

function activityRow(row: Row): ActivityRow {
  const media = readMedia(row.media_tokens);
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
      row.in_uncached +
        row.in_cache_write_5m +
        row.in_cache_write_1h +
        row.in_cache_write_other +
        media.inAudio +
        media.inImage,
    ),
    cacheReadTokens: Number(row.in_cache_read + media.inAudioCacheRead + media.inImageCacheRead),
    outputTokens: Number(row.out_text + row.out_reasoning + media.outAudio + media.outImage),
    chargeNanos: row.charge_nanos.toString(),
    isOwnCredential: row.credential_id !== null,
    quarantined: row.quarantined,
    status: row.status,
    outcome: row.outcome,
    errorCode: row.error_code,
    firstByteMs: row.first_byte_ms,
    durationMs: row.duration_ms,
    startedAt: row.started_at.toISOString(),
  };
}
