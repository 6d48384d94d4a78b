// The part of the console's API that is for operators alone. Amounts are nano-dollars as decimal
// text, times are ISO 8601 in UTC; to anybody else these addresses do not exist.

import { z } from 'zod';
import { bookSchema } from './contract.ts';

const nanos = z.string().regex(/^-?\d+$/);
const time = z.iso.datetime();
const count = z.number().int().min(0);
const dollars = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9})?$/, 'An amount is a number of dollars such as 20 or 12.50.');

export const proofSchema = z.object({
  id: z.string(),
  status: z.enum(['proven', 'drift', 'not_applicable']),
  /** Why it proves nothing yet: `no_processor`, `no_invoice`. */
  reason: z.string().nullable(),
  checked: count,
  /** Everything that is off, of which the findings are the first. */
  faults: count,
  driftNanos: nanos,
  findings: z.array(z.object({ fault: z.string(), subject: z.string(), amountNanos: nanos })),
});

export const reconciliationSchema = z.object({
  id: z.string(),
  cause: z.enum(['schedule', 'operator']),
  status: z.enum(['proven', 'drift']),
  startedAt: time,
  finishedAt: time,
  proofs: z.array(proofSchema),
});

/** GET /api/v1/operator/reconciliation */
export const reconciliationReply = z.object({
  /** The newest first. */
  runs: z.array(reconciliationSchema),
  books: z.array(
    z.object({
      book: bookSchema,
      leasedNanos: nanos,
      quarantineNanos: nanos,
      /** At most zero: what the hub bore itself. */
      suspenseNanos: nanos,
    }),
  ),
  nodes: z.array(
    z.object({
      nodeId: z.string(),
      runId: z.string(),
      startedAt: time,
      seenAt: time,
      leasedNanos: nanos,
    }),
  ),
  /** What of the journal of the node that answers waits for a person. */
  journal: z.object({
    refusedRecords: z.number(),
    damagedSegments: z.number(),
    missingSegments: z.number(),
  }),
  invoices: z.array(
    z.object({
      provider: z.string(),
      /** `2026-11`, a month of UTC. */
      month: z.string(),
      /** What the last reconciliation added up; null where it knows of no usage. */
      costNanos: nanos.nullable(),
      invoiceNanos: nanos.nullable(),
      enteredAt: time.nullable(),
    }),
  ),
});

/** POST /api/v1/operator/reconciliation/runs: waits for the end, but not for ever. */
export const runReply = z.object({ finished: z.boolean() });

/** POST /api/v1/operator/journal/retries: how many records were handed to the drain again. */
export const retryReply = z.object({ records: z.number() });

/** GET /api/v1/operator/notices: what an operator must see on every page. */
export const noticesReply = z.object({ hasDrift: z.boolean() });

/** POST /api/v1/operator/invoices; a newer amount corrects an older one. */
export const invoiceRequest = z.object({
  provider: z.string().regex(/^[a-z0-9-]{1,40}$/, 'A provider is named by its id, such as openai.'),
  month: z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'A month is written as 2026-11.'),
  amountUsd: dollars,
});

export const chargeSchema = z.object({
  requestId: z.string(),
  book: bookSchema,
  workspaceId: z.string(),
  workspaceName: z.string(),
  model: z.string().nullable(),
  provider: z.string().nullable(),
  /** Where the counts come from: `provider`, `unreadable` … */
  usageSource: z.string(),
  outcome: z.string(),
  startedAt: time,
  chargeNanos: nanos,
  waitingNanos: nanos,
  earnedNanos: nanos,
  givenBackNanos: nanos,
  quarantined: z.boolean(),
  /** The customer never paid it, so that nothing of it can be refunded. */
  borneByHub: z.boolean(),
});

/** GET /api/v1/operator/reviews: the charges that wait for a decision, newest first. */
export const reviewsReply = z.object({ reviews: z.array(chargeSchema) });

/** POST /api/v1/operator/reviews/:requestId; `part` names the dollars that go back. */
export const reviewRequest = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('keep') }),
  z.object({ decision: z.literal('give_back') }),
  z.object({ decision: z.literal('part'), giveBackUsd: dollars }),
]);

/** POST /api/v1/operator/charges/:requestId/refunds; GET /api/v1/operator/charges/:requestId */
export const refundRequest = z.object({
  amountUsd: dollars,
  /** Made by the page once per press of the button, so that a repeated send refunds once. */
  idempotencyKey: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
});

export const priceProposalSchema = z.object({
  id: z.string(),
  model: z.string(),
  /** Null: from the approval on. */
  effectiveFrom: time.nullable(),
  filedAt: time,
  /** Every figure that differs: nano-dollars per million units, null where the class is not sold. */
  figures: z
    .array(
      z.object({
        /** Empty is the standard tier, `+272000` a long prompt's, `/flex` a service tier's. */
        tier: z.string(),
        class: z.string(),
        before: nanos.nullable(),
        after: nanos.nullable(),
      }),
    )
    .readonly(),
  /** Codes of the checks that refuse it; `jump` alone can be let through. */
  faults: z.array(z.string()).readonly(),
});

/** GET /api/v1/operator/price-proposals: what waits for a decision, the oldest first. */
export const priceProposalsReply = z.object({ proposals: z.array(priceProposalSchema) });

/** POST /api/v1/operator/price-proposals/:id */
export const priceDecisionRequest = z.object({
  decision: z.enum(['approved', 'rejected']),
  /** Whether rates may change by more than ten times this once. */
  acceptJump: z.boolean().default(false),
});
/** The version that an approval published. */
export const priceDecisionReply = z.object({ version: z.string().nullable() });

export type ProofReply = z.infer<typeof proofSchema>;
export type ReconciliationRun = z.infer<typeof reconciliationSchema>;
export type ReconciliationReply = z.infer<typeof reconciliationReply>;
export type RunReply = z.infer<typeof runReply>;
export type RetryReply = z.infer<typeof retryReply>;
export type NoticesReply = z.infer<typeof noticesReply>;
export type InvoiceRequest = z.infer<typeof invoiceRequest>;
export type Charge = z.infer<typeof chargeSchema>;
export type ReviewsReply = z.infer<typeof reviewsReply>;
export type ReviewRequest = z.infer<typeof reviewRequest>;
export type PriceProposal = z.infer<typeof priceProposalSchema>;
export type PriceProposalsReply = z.infer<typeof priceProposalsReply>;
export type PriceDecisionRequest = z.input<typeof priceDecisionRequest>;
export type PriceDecisionReply = z.infer<typeof priceDecisionReply>;
export type RefundRequest = z.infer<typeof refundRequest>;
