// Which test would fail if a billing rule did not hold. Held to the document and the files by test/tidy.

import {
  type Proof,
  LEFT,
  BROKEN_OFF,
  CAP_LOWERED,
  IMPOSSIBLE,
  CACHED,
  ADMITTED,
  SERVED,
  ZERO,
  UNREPORTED,
} from './coverage.ts';

/** By the bold words with which each paragraph of docs/billing-rules.md begins. */
export const BILLING_RULES: readonly Proof[] = Object.freeze([
  {
    claim: 'A request is charged what its provider reports',
    tests: {
      'faults/billing-rules.test.ts': CACHED,
      'faults/usage-reports.test.ts': ['chat: …'],
    },
  },
  {
    claim: 'A refusal by the model and an empty answer',
    tests: { 'faults/billing-rules.test.ts': ['though it is …: …, by …'] },
  },
  {
    claim: 'The price that holds is the one at admission',
    tests: {
      'faults/prices.test.ts': [
        'does not touch the request; the next one on the new version pays it',
      ],
      'faults/price-lists.test.ts': [ADMITTED],
      'catalog/price.test.ts': [
        'of a long prompt is that of the whole request, at the token after the threshold',
      ],
    },
  },
  {
    claim: 'The service tier in which the provider says that it served decides the rate',
    tests: {
      'faults/pricing.test.ts': [
        'for a tier asked as … is that of the tier served, …',
        'of a tier that the model does not sell is no guess: refused, and nothing sent',
      ],
    },
  },
  {
    claim: 'The model that served decides the price',
    tests: { 'faults/pricing.test.ts': SERVED },
  },
  {
    claim: "The operator's markup",
    tests: {
      'faults/price-lists.test.ts': ['a markup holds on every node, is rounded once, and is held'],
    },
  },
  {
    claim: 'Your own credential at a provider',
    tests: {
      'faults/own-credentials.test.ts': [
        'pays the fee alone, and the receipt adds up: streamed %s',
        "that is refused with %i is followed by the hub's, which is charged in full",
        'is not cut short for the sake of the hub’s, which the balance does not cover',
        'that is refused is not followed where no other may serve: the client is told',
      ],
      'catalog/price.test.ts': [
        'by an own credential is the fee alone, rounded up once, and nothing to the hub',
      ],
    },
  },
  {
    claim: 'The charge never exceeds the hold',
    tests: {
      'faults/usage-reports.test.ts': ['a cost beyond the hold is charged as the hold, never more'],
    },
  },
  {
    claim: 'If you leave',
    tests: {
      'faults/cut-answers.test.ts': LEFT,
      'faults/billing-rules.test.ts': [
        'where the client leaves: …',
        'takes a thousand tokens for an image, and the bytes of the rest',
      ],
    },
  },
  {
    claim: 'If the provider breaks off',
    tests: {
      'faults/cut-answers.test.ts': [BROKEN_OFF],
      'faults/billing-rules.test.ts': ['where the provider breaks off: …'],
    },
  },
  {
    claim: 'If the provider refuses or fails',
    tests: {
      'faults/cut-answers.test.ts': [
        'costs nothing where none of a whole answer has reached the client',
      ],
      'faults/retries.test.ts': [
        'two failures are the last word: two tries, no charge',
        'nothing is tried again: … by …',
      ],
    },
  },
  {
    claim: 'An explicit zero stays zero.',
    tests: { 'faults/usage-reports.test.ts': [ZERO, UNREPORTED] },
  },
  {
    claim: 'A report that cannot be true',
    tests: {
      'faults/usage-reports.test.ts': IMPOSSIBLE,
      'faults/billing-rules.test.ts': [
        'is what a report that cannot be true is charged by, set aside',
      ],
    },
  },
  {
    claim: 'What has no price is refused',
    tests: {
      'faults/billing-rules.test.ts': ['is refused by name, and nothing is sent: …'],
    },
  },
  {
    claim: 'A balance that covers less than the cap',
    tests: {
      'faults/overdraft.test.ts': [
        CAP_LOWERED,
        'refuses with 402 what the balance does not cover, and sends nothing',
      ],
    },
  },
  {
    claim: 'Counting tokens is free.',
    tests: { 'gateway/count-tokens.test.ts': ['needs no balance'] },
  },
  {
    claim: 'What is not priced by the token',
    tests: {
      'faults/units.test.ts': [
        '$what',
        'lowers the number of images, and says so',
        'refuses %s with 402 and sends nothing',
        '%s is quarantined within the hold',
      ],
      'faults/unit-cuts.test.ts': [
        'flows before its end, and is all due when the client leaves in the midst of it',
        'costs nothing when the provider breaks off',
        'pays for %s',
        '%s is refused before anything is held',
      ],
      'faults/unit-streams.test.ts': [
        'costs what its last event reports',
        'costs what was begun when its client leaves',
        'costs nothing when the provider breaks off, and its client reads an error',
        'costs the text as far as it came when its client leaves',
      ],
      'clients/openai-units.test.ts': [
        'judges for nothing, without a balance, by the model that needs no name',
      ],
    },
  },
  {
    claim: 'The same Idempotency-Key is charged once.',
    tests: {
      'faults/idempotency.test.ts': [
        'that was charged is refused for good, with the receipt of what was paid',
        'of a request that still runs is refused for the moment, with the id of that request',
        'of a request that was not charged may be used again at once',
      ],
      'faults/idempotency-nodes.test.ts': [
        'of a request that died with its node is free once the node is back',
        'is free again after a day',
        'while the database is away is refused as "try again", and nothing is sent',
      ],
    },
  },
  {
    claim: 'Amounts are exact',
    tests: {
      'base/money.test.ts': ['a charge is the exact sum, rounded up once'],
      'catalog/price.test.ts': ['is rounded up once, after the markup'],
    },
  },
]);
