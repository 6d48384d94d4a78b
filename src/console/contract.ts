// The console's API as data: what each route takes and gives. The server validates by these schemas;
// the web part imports the types alone. Amounts are nano-dollars as decimal text (JSON has no
// bigint), times are ISO 8601 in UTC.

import { z } from 'zod';
import { displayName, email, linkToken, nanos, newPassword, time, usd } from './contract-fields.ts';

export const bookSchema = z.enum(['live', 'test']);

export const personSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  isOperator: z.boolean(),
});

export const workspaceSchema = z.object({ id: z.string(), name: z.string(), role: z.string() });

/** GET /api/v1/session: who is signed in, and what a page must know of this hub. */
export const sessionReply = z.object({
  person: personSchema.nullable(),
  /** Between password (or Google) and the second proof: the ways to give it. Else null. */
  secondFactor: z.array(z.enum(['authenticator', 'recovery_code', 'passkey'])).nullable(),
  workspaces: z.array(workspaceSchema),
  hub: z.object({
    /** What SDKs of OpenAI's protocol take as base URL (with /v1). */
    baseUrl: z.string(),
    /** What SDKs of Anthropic's protocol take as base URL (without /v1). */
    origin: z.string(),
    version: z.string(),
    sandbox: z.boolean(),
    /** Whether people can sign in with Google. */
    google: z.boolean(),
    /** Whether people can make accounts themselves. */
    signUp: z.boolean(),
    /** Where not, messages wait in the hub's outbox for its operator to pass them on. */
    hasMailServer: z.boolean(),
    /** The current versions, which whoever signs up accepts. */
    documents: z.object({ terms: z.string(), privacy: z.string() }),
    /** True until the first operator exists: the welcome link waits in the terminal. */
    awaitsOperator: z.boolean(),
  }),
});

/** POST /api/v1/welcome: the one-time link makes the first operator and signs in. */
export const welcomeRequest = z.object({
  token: linkToken,
  name: displayName,
  email,
  password: newPassword,
});

/** POST /api/v1/sign-in/link: a one-time sign-in link, as `inferencehub link` prints it. */
export const signInLinkRequest = z.object({ token: linkToken });

/** GET /api/v1/workspaces/:workspaceId/balance */
export const balanceReply = z.object({
  live: z.object({
    /** Everything that is still the customer's: free to lease, or leased by a gateway node. */
    balanceNanos: nanos,
    /** The part of it that gateway nodes have leased at the moment. */
    leasedNanos: nanos,
    /** Charged in the last 24 hours. */
    spentLastDayNanos: nanos,
  }),
  test: z.object({ balanceNanos: nanos, leasedNanos: nanos, spentLastDayNanos: nanos }),
});

/** POST /api/v1/workspaces/:workspaceId/grants (operators only): dollars as decimal text. */
export const grantRequest = z.object({
  book: bookSchema,
  amountUsd: usd,
  /** Made by the page once per press of the button, so that a repeated send grants once. */
  idempotencyKey: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
});

export const spanSchema = z.enum(['total', 'daily', 'weekly', 'monthly']);

export const budgetSchema = z.object({
  /** Days, weeks from Monday and months of UTC. */
  span: spanSchema,
  limitNanos: nanos,
  /** Charged in the current window; more than the limit where that was lowered below it. */
  usedNanos: nanos,
  /** Never negative. */
  remainingNanos: nanos,
  /** When the next window begins; null for a total. */
  resetsAt: time.nullable(),
});

/** GET /api/v1/workspaces/:workspaceId/keys/:keyId/budgets, …/members/:personId/budgets */
export const budgetsReply = z.object({ budgets: z.array(budgetSchema) });

/**
 * PUT /api/v1/workspaces/:workspaceId/keys/:keyId/budgets/:span, …/members/:personId/budgets/:span
 * (owners and admins): dollars as decimal text; 0 allows nothing. DELETE there removes the budget.
 */
export const setBudgetRequest = z.object({
  limitUsd: z
    .string()
    .regex(
      /^\d{1,7}(\.\d{1,9})?$/,
      'A limit is dollars from 0 to 9999999.999999999, such as 12.50.',
    ),
});

export const activityRowSchema = z.object({
  id: z.string(),
  book: bookSchema,
  keyId: z.string(),
  keyName: z.string(),
  protocol: z.string(),
  streamed: z.boolean(),
  modelAsked: z.string().nullable(),
  modelServed: z.string().nullable(),
  provider: z.string().nullable(),
  inputTokens: z.number(),
  cacheReadTokens: z.number(),
  outputTokens: z.number(),
  chargeNanos: nanos,
  /** Whether a credential of the workspace's own served, so that the charge is a fee. */
  isOwnCredential: z.boolean(),
  quarantined: z.boolean(),
  status: z.number(),
  outcome: z.string(),
  errorCode: z.string().nullable(),
  firstByteMs: z.number().nullable(),
  durationMs: z.number(),
  startedAt: time,
});

/** GET /api/v1/workspaces/:workspaceId/activity?book=&before=&limit= (newest first) */
export const activityQuery = z.object({
  book: bookSchema.optional(),
  before: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const activityReply = z.object({
  rows: z.array(activityRowSchema),
  /** What to send as `before` for the next page; null at the end. */
  next: z.string().nullable(),
});

export const receiptLineSchema = z.object({
  /** A class of the metering: `inUncached`, `outText`, `images` … */
  class: z.string(),
  quantity: z.number(),
  nanosPerMillion: nanos,
  /** quantity × price in 10^-15 dollars: exact, before the one rounding of the sum. */
  amountFemtos: nanos,
});

const ledgerTransaction = z.object({
  transactionId: z.string(),
  kind: z.string(),
  createdAt: time,
  entries: z.array(z.object({ account: z.string(), amountNanos: nanos })),
});

/**
 * GET /api/v1/workspaces/:workspaceId/receipts/:requestId; also GET /v1/receipts/:id for a key.
 * listFemtos × 10^6 + markupZeptos + roundingZeptos = costNanos × 10^12; where a credential of the
 * workspace's own served, feeZeptos + roundingZeptos are that instead. And
 * chargeNanos = min(costNanos, holdNanos).
 */
export const receiptReply = z.object({
  id: z.string(),
  book: bookSchema,
  protocol: z.string(),
  streamed: z.boolean(),
  modelAsked: z.string().nullable(),
  modelServed: z.string().nullable(),
  provider: z.string().nullable(),
  priceId: z.string().nullable(),
  /** The published price behind it; null when nothing was metered. */
  price: z.object({ id: z.string(), version: z.string(), effectiveFrom: time }).nullable(),
  /** The tier in which the provider served it; null is the standard one. */
  serviceTier: z.string().nullable(),
  usageSource: z.string(),
  /** At the list price. */
  lines: z.array(receiptLineSchema),
  /** The lines' sum in 10^-15 dollars. */
  listFemtos: nanos,
  /** What the operator adds to it, in basis points, and in 10^-21 dollars. */
  markupBps: z.number(),
  markupZeptos: nanos,
  /** What is paid where a credential of the workspace's own served: the list price is its provider's. */
  own: z.object({ credentialId: z.string(), feeBps: z.number(), feeZeptos: nanos }).nullable(),
  /** What rounding up to a nano-dollar, once, added in 10^-21 dollars. */
  roundingZeptos: nanos,
  costNanos: nanos,
  /** What was held before the request was sent; the charge never exceeds it. */
  holdNanos: nanos,
  chargeNanos: nanos,
  limitedByHold: z.boolean(),
  /** What the provider will invoice by the list price; operators alone are told. */
  providerCostNanos: nanos.optional(),
  quarantined: z.boolean(),
  outputCap: z.number().nullable(),
  outputCapLowered: z.boolean(),
  attempts: z.number(),
  /** Every try at a provider in its order; what each cost the hub is told to operators alone. */
  tries: z.array(
    z.object({
      provider: z.string(),
      status: z.number().nullable(),
      errorCode: z.string().nullable(),
      costNanos: nanos.optional(),
    }),
  ),
  status: z.number(),
  outcome: z.string(),
  errorCode: z.string().nullable(),
  firstByteMs: z.number().nullable(),
  durationMs: z.number(),
  startedAt: time,
  endedAt: time,
  /**
   * The charge's part of the balanced ledger transaction that settled it, and what that settled in
   * total for how many requests; null when nothing was charged.
   */
  ledger: ledgerTransaction.extend({ totalNanos: nanos, requests: z.number() }).nullable(),
  /** Reviews and refunds of the charge, oldest first. */
  corrections: z.array(ledgerTransaction),
});

/** What a model can do: the words of the catalogue. */
const capabilitiesSchema = z.object({
  tools: z.boolean(),
  parallelTools: z.boolean(),
  structuredOutput: z.string(),
  reasoning: z.object({ style: z.string(), efforts: z.array(z.string()), optional: z.boolean() }),
  promptCaching: z.string(),
  sampling: z.boolean(),
  logprobs: z.boolean(),
  citations: z.boolean(),
});

/** GET /api/v1/models: the catalogue for the public pages, an entry an offer. */
export const modelsReply = z.object({
  models: z.array(
    z.object({
      id: z.string(),
      /** The model that other providers may offer too; such offers have it in common. */
      base: z.string(),
      name: z.string(),
      provider: z.string(),
      contextWindow: z.number(),
      maxOutputTokens: z.number(),
      input: z.array(z.string()),
      output: z.array(z.string()),
      capabilities: capabilitiesSchema,
      dataPolicy: z.object({
        trainsOnData: z.boolean(),
        /** Null where the terms set no bound. */
        retentionDays: z.number().nullable(),
        zeroRetention: z.boolean(),
      }),
      regions: z.array(z.string()),
      /** `2027-04-16`: not before this day is the model withdrawn; null where nothing is announced. */
      deprecationDate: z.string().nullable(),
      /** List prices in nano-dollars per million units by class; absent classes are not sold. */
      prices: z.record(z.string(), nanos),
      /** What the operator adds to them, in basis points. */
      markupBps: z.number(),
      sandbox: z.boolean(),
    }),
  ),
});

/** Every failure of the console's API. */
export const errorReply = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    param: z.string().nullable(),
    requestId: z.string(),
  }),
});

export type SessionReply = z.infer<typeof sessionReply>;
export type WelcomeRequest = z.infer<typeof welcomeRequest>;
export type SignInLinkRequest = z.infer<typeof signInLinkRequest>;
export type BalanceReply = z.infer<typeof balanceReply>;
export type GrantRequest = z.infer<typeof grantRequest>;
export type Span = z.infer<typeof spanSchema>;
export type Budget = z.infer<typeof budgetSchema>;
export type BudgetsReply = z.infer<typeof budgetsReply>;
export type SetBudgetRequest = z.infer<typeof setBudgetRequest>;
export type ActivityRow = z.infer<typeof activityRowSchema>;
export type ActivityQuery = z.input<typeof activityQuery>;
export type ActivityReply = z.infer<typeof activityReply>;
export type ReceiptReply = z.infer<typeof receiptReply>;
export type ModelsReply = z.infer<typeof modelsReply>;
export type ErrorReply = z.infer<typeof errorReply>;
