// What providers invoice, as the operator enters it, and what the hub expects of each month.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';

export interface InvoiceMonth {
  readonly provider: string;
  /** `2026-11` */
  readonly month: string;
  /** What the last reconciliation added up; null where it knows of no usage. */
  readonly costNanos: bigint | null;
  /** The newest amount that was entered; null before there is one. */
  readonly invoiceNanos: bigint | null;
  readonly enteredAt: Date | null;
}

/** Keeps what a provider invoiced for a month; a later amount for the same month corrects it. */
export async function enterInvoice(
  sql: Sql,
  invoice: { provider: string; month: string; amountNanos: bigint; enteredBy: string },
): Promise<void> {
  await sql
    .insertInto('provider_invoices')
    .values({
      provider: invoice.provider,
      month: `${invoice.month}-01`,
      amount_nanos: invoice.amountNanos,
      entered_by: invoice.enteredBy,
    })
    .execute();
}

/** The newest months in which a provider cost something or was invoiced. */
export async function listInvoiceMonths(sql: Sql, limit: number): Promise<InvoiceMonth[]> {
  const { rows } = await rawSql<Omit<InvoiceMonth, 'costNanos'> & { cost: string | null }>`
    select coalesce(m.provider, i.provider) as provider,
      to_char(coalesce(m.month, i.month), 'YYYY-MM') as month, m.cost_nanos::text as cost,
      i.amount_nanos as "invoiceNanos", i.entered_at as "enteredAt"
    from provider_months m
    full join (
      select distinct on (provider, month) provider, month, amount_nanos, entered_at
      from provider_invoices order by provider, month, id desc
    ) i on i.provider = m.provider and i.month = m.month
    order by month desc, provider
    limit ${limit}`.execute(sql);
  return rows.map(({ cost, ...row }) => ({
    ...row,
    costNanos: cost === null ? null : BigInt(cost),
  }));
}
