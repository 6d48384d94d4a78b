// Which test would fail if a fault of metering could happen. A title is given as it stands in its file,
// with … for what the file fills in. Held to the files by test/tidy; the rules are in rules-coverage.ts.

export interface Proof {
  /** Of a fault: what is done, and what must follow. Of a rule: how its paragraph begins. */
  readonly claim: string;
  /** Below test/; each with the titles that prove the claim. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

const FLOOD = 'of 500 requests on funds for ten reaches the provider ten times at most';
export const LEFT = [
  "in the middle of a stream cancels the provider's call and pays what it got: …",
  'before the first byte cancels as well and pays its prompt, …streamed',
];
const CUT_LATE = ['where the client leaves: …', 'where the provider breaks off: …'];
export const BROKEN_OFF = 'and …: the client reads an error, pays what it got: …';
export const CAP_LOWERED =
  'lowers the cap where a few cents meet a dear model, and charges no more than the hold';
export const IMPOSSIBLE = ['chat: …', 'messages: …'];
export const CACHED = ['where it is within the input: …', 'where it stands on top of the input: …'];
export const ADMITTED = 'a good list holds on every node; what was admitted before keeps its price';
export const SERVED = [
  'is priced as the one that served, where the hub has it',
  'to which a provider says that it fell back must be known, or waits for review',
];
const KILLED = 'killed during … streams loses nothing, doubles nothing, keeps nothing';
export const ZERO = 'an explicit zero usage is charged as zero, not by an estimate';
export const UNREPORTED =
  'missing: an estimate of what was sent and delivered, and the receipt says so';

export const FAULTS: readonly Proof[] = Object.freeze([
  {
    claim: 'a flood on a small balance: no more is sent than the balance covers',
    tests: {
      'faults/overdraft.test.ts': [FLOOD],
      'ledger/wallets.test.ts': [
        '500 holds at once on funds for ten: exactly ten are held',
        '500 holds at once over two nodes on funds for ten: exactly ten are held',
      ],
    },
  },
  {
    claim: 'a rich customer is held like any other',
    tests: {
      'faults/overdraft.test.ts': [
        'is held like any other: money is leased before the provider is asked',
      ],
    },
  },
  {
    claim: 'a giant prompt without a cap: the hold covers it and the longest answer',
    tests: {
      'faults/overdraft.test.ts': [
        'covers a giant prompt without a cap at the worst rate, prompt and answer',
      ],
    },
  },
  {
    claim: 'a cent and a dear model: the cap is lowered, or the request refused',
    tests: {
      'faults/overdraft.test.ts': [
        CAP_LOWERED,
        'refuses with 402 what the balance does not cover, and sends nothing',
      ],
    },
  },
  {
    claim: 'caps and counts that are none are refused before anything is held',
    tests: {
      'faults/refused-caps.test.ts': [
        'is refused in … for ……',
        'costs nothing and never reaches the provider',
      ],
    },
  },
  {
    claim: 'a usage report that cannot be true is set aside, charged within the hold',
    tests: {
      'faults/usage-reports.test.ts': [
        ...IMPOSSIBLE,
        'a cost beyond the hold is charged as the hold, never more',
      ],
    },
  },
  {
    claim: 'more given back than was charged: impossible',
    tests: {
      'ledger/reviews.test.ts': [
        'refunds in parts up to the charge, and not a nano-dollar more',
        'lets of many refunds at the same time only those through that fit',
        'a refund beyond the charge, in one piece or in parts',
      ],
    },
  },
  {
    claim: 'a settlement that fails and runs again: one settlement for a hold',
    tests: {
      'faults/settlements.test.ts': ['because the connection broke … its commit is booked once'],
      'journal/drain.test.ts': [
        'reading the same journal again books nothing again',
        'a record that was journalled twice is charged once',
      ],
    },
  },
  {
    claim: 'a client that leaves before any usage came pays by the published rule',
    tests: { 'faults/cut-answers.test.ts': LEFT, 'faults/billing-rules.test.ts': CUT_LATE },
  },
  {
    claim: 'a reported zero stays zero',
    tests: { 'faults/usage-reports.test.ts': [ZERO] },
  },
  {
    claim: "a client that has gone: the provider's call is cancelled",
    tests: { 'faults/cut-answers.test.ts': LEFT },
  },
  {
    claim:
      'a provider that dies in mid-stream: an error event, and a charge for what was delivered',
    tests: { 'faults/cut-answers.test.ts': [BROKEN_OFF] },
  },
  {
    claim: 'cumulative usage on several events counts once',
    tests: {
      'faults/usage-reports.test.ts': [
        'chat: …',
        'messages: repeated on the start and on several deltas',
      ],
    },
  },
  {
    claim: 'usage in odd places, twice, or nowhere is read, or estimated',
    tests: { 'faults/usage-reports.test.ts': ['chat: …', UNREPORTED] },
  },
  {
    claim: 'cached tokens within the input or on top of it are priced once',
    tests: {
      'faults/billing-rules.test.ts': CACHED,
      'faults/pricing.test.ts': [
        'inside the prompt count (OpenAI) and on top of it (Anthropic) are priced once',
      ],
    },
  },
  {
    claim: 'long prompts, service tiers and writes for an hour cost their own rates',
    tests: {
      'catalog/price.test.ts': [
        'of a long prompt is that of the whole request, at the token after the threshold',
        'in a service tier is the factor on every rate, or the rates of its own',
      ],
      'faults/pricing.test.ts': [
        'counts cached and written tokens toward the cliff',
        'of a stream that breaks off is that of the tier that it had named',
        'of cache writes follows their lifetime',
      ],
    },
  },
  {
    claim: 'the same call in either protocol, streamed or not, has one price',
    tests: { 'faults/billing-rules.test.ts': [...CACHED, 'though it is …: …, by …'] },
  },
  {
    claim: 'a fallback at the provider is priced as the model that served',
    tests: { 'faults/pricing.test.ts': SERVED },
  },
  {
    claim: 'a provider that answers with another model: priced as the one that served',
    tests: {
      'faults/pricing.test.ts': [
        'is priced as the one that served, where the hub has it',
        'to which a provider says that it fell back must be known, or waits for review',
      ],
    },
  },
  {
    claim: 'a request that is sent again under its Idempotency-Key is charged once',
    tests: {
      'faults/idempotency.test.ts': [
        'that was charged is refused for good, with the receipt of what was paid',
        'of a request that still runs is refused for the moment, with the id of that request',
        'is taken by one of twenty that come at once',
      ],
      'faults/idempotency-sdks.test.ts': [
        'after it lost patience is one charge: OpenAI',
        'after it lost patience is one charge: Anthropic …',
      ],
      'faults/idempotency-nodes.test.ts': [
        'is one over all nodes: twenty requests at once on two of them, one charge',
        'is free for others, and a node that was only frozen makes no second charge',
      ],
    },
  },
  {
    claim: 'nothing is tried again once the client has a byte',
    tests: { 'faults/retries.test.ts': ['nothing is tried again: … by …'] },
  },
  {
    claim: 'the smallest request is not free by rounding',
    tests: {
      'faults/usage-reports.test.ts': [
        'one cached token on the cheapest model is not free by rounding',
      ],
      'base/money.test.ts': ['the smallest use of the cheapest thing is not free'],
    },
  },
  {
    claim: 'money is never a floating point number',
    tests: { 'tidy/style.test.ts': ['keeps the rule: …'] },
  },
  {
    claim: 'a price that changes in mid-answer: the one at admission counts',
    tests: {
      'faults/prices.test.ts': [
        'does not touch the request; the next one on the new version pays it',
      ],
      'faults/price-lists.test.ts': [
        'a good list holds on every node; what was admitted before keeps its price',
      ],
    },
  },
  {
    claim: 'a node that is stopped or killed at any moment: nothing is lost, doubled or kept',
    tests: {
      'crash/kill.test.ts': [
        KILLED,
        'asked to stop lets every running stream end, and leaves with exact books',
      ],
    },
  },
  {
    claim: 'a limit that is no amount is refused, a huge one is exact',
    tests: {
      'console/budgets.test.ts': ['says in words what a limit may be'],
      'budgets/manage.test.ts': ['keeps one budget of each span, exact to the nano-dollar'],
      'faults/budgets.test.ts': [
        'let a flood on a key through as often as its budget holds, and not once more',
      ],
    },
  },
  {
    claim: 'a poisoned price list is refused as a whole, and what held holds on',
    tests: {
      'faults/price-lists.test.ts': [
        'a list with one poisoned price is refused, each fault by its name',
      ],
      'catalog/price-check.test.ts': [
        'has every fault named at once, by its place',
        'a jump hides in no tier that is new, and behind no step in the same list',
      ],
    },
  },
  {
    claim: 'clocks that jump: a day of a budget begins once, at midnight in UTC',
    tests: {
      'faults/clock-jumps.test.ts': [
        'is renewed at midnight in UTC, without a restart, and once',
        "is not renewed by the node's clock when it runs ahead and comes back",
        "is renewed once by the database's clock: not again when it goes back and comes again",
      ],
      'ledger/windows.test.ts': [
        'a window never gives way to an earlier one, whatever the clocks do',
      ],
    },
  },
]);
