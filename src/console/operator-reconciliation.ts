// What the daily proofs found, how the books stand now, and what the operator adds to them: a run on
// demand, and the providers' invoices.

import type { FastifyRequest } from 'fastify';
import { waitAtMost } from '../base/deadline.ts';
import { HubError } from '../base/errors.ts';
import { framesOf } from '../base/log.ts';
import { parseUsd } from '../base/money.ts';
import { sqlState } from '../db/database.ts';
import type { Person } from '../identity/people.ts';
import { enterInvoice, listInvoiceMonths } from '../reconcile/invoices.ts';
import { listOpenRuns, readStanding } from '../reconcile/standing.ts';
import { type Reconciliation, hasDrift, listReconciliations } from '../reconcile/store.ts';
import {
  type ReconciliationReply,
  type ReconciliationRun,
  type RunReply,
  invoiceRequest,
  noticesReply,
  reconciliationReply,
  retryReply,
  runReply,
} from './contract-operator.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const RUNS = 10;
const NODES = 100;
const INVOICE_MONTHS = 60;
/** A page that asks for a run waits this long for its end; then it looks again by itself. */
const RUN_WAIT_MS = 10_000;

export function addReconciliationRoutes(
  app: ConsoleApp,
  deps: ConsoleDeps,
  requireOperator: (request: FastifyRequest) => Promise<Person>,
): void {
  const { sql } = deps.database;

  app.get(
    '/operator/reconciliation',
    { schema: { response: { 200: reconciliationReply } } },
    async (request) => {
      await requireOperator(request);
      return describeReconciliation(deps);
    },
  );

  app.get('/operator/notices', { schema: { response: { 200: noticesReply } } }, async (request) => {
    await requireOperator(request);
    return { hasDrift: await hasDrift(sql) };
  });

  app.post(
    '/operator/reconciliation/runs',
    { schema: { response: { 200: runReply } } },
    async (request) => {
      await requireOperator(request);
      return runNow(deps);
    },
  );

  app.post(
    '/operator/journal/retries',
    { schema: { response: { 200: retryReply } } },
    async (request) => {
      await requireOperator(request);
      return { records: await deps.journal.retryRefused() };
    },
  );

  app.post('/operator/invoices', { schema: { body: invoiceRequest } }, async (request, reply) => {
    const { id: enteredBy } = await requireOperator(request);
    const { provider, month, amountUsd } = request.body;
    if (`${month}-01` > new Date(deps.clock.wallMs()).toISOString().slice(0, 10)) {
      throw new HubError('invalid_request', {
        message: 'This month has not begun yet.',
        param: 'month',
      });
    }
    await enterInvoice(sql, { provider, month, amountNanos: parseUsd(amountUsd), enteredBy });
    return reply.code(204).send();
  });
}

/** One run, waited for as long as a page waits; what fails later is logged. */
async function runNow(deps: ConsoleDeps): Promise<RunReply> {
  let finished = false;
  let isLate = false;
  const run = deps.reconciler.run('operator').then(
    () => void (finished = true),
    (error: unknown) => {
      if (!isLate) throw error;
      const state = sqlState(error);
      deps.log.error('reconciliation_failed', { sqlState: state, frames: framesOf(error) });
    },
  );
  await waitAtMost(RUN_WAIT_MS, run);
  isLate = true;
  return { finished };
}

async function describeReconciliation(deps: ConsoleDeps): Promise<ReconciliationReply> {
  const { sql } = deps.database;
  const runs = await listReconciliations(sql, RUNS);
  const books = await readStanding(sql);
  const nodes = await listOpenRuns(sql, NODES);
  const invoices = await listInvoiceMonths(sql, INVOICE_MONTHS);
  return {
    runs: runs.map(describeRun),
    books: books.map(({ book, leasedNanos, quarantineNanos, suspenseNanos }) => ({
      book,
      leasedNanos: leasedNanos.toString(),
      quarantineNanos: quarantineNanos.toString(),
      suspenseNanos: suspenseNanos.toString(),
    })),
    nodes: nodes.map((node) => ({
      ...node,
      startedAt: node.startedAt.toISOString(),
      seenAt: node.seenAt.toISOString(),
      leasedNanos: node.leasedNanos.toString(),
    })),
    journal: await deps.journal.troubles(),
    invoices: invoices.map((month) => ({
      ...month,
      costNanos: month.costNanos?.toString() ?? null,
      invoiceNanos: month.invoiceNanos?.toString() ?? null,
      enteredAt: month.enteredAt?.toISOString() ?? null,
    })),
  };
}

function describeRun(run: Reconciliation): ReconciliationRun {
  return {
    id: run.id.toString(),
    cause: run.cause,
    status: run.status,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt.toISOString(),
    proofs: run.proofs.map((proof) => ({
      ...proof,
      checked: Number(proof.checked),
      faults: Number(proof.faults),
      driftNanos: proof.driftNanos.toString(),
      findings: proof.findings.map(({ fault, subject, amountNanos }) => ({
        fault,
        subject,
        amountNanos: amountNanos.toString(),
      })),
    })),
  };
}
