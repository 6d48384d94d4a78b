// The ways in which hubs between these protocols are known to fail, each as what must hold instead,
// and the tests that prove it here. Held to the files by test/tidy.

import { LEFT, ZERO, type Proof } from '../../faults/coverage.ts';

const CALLS = 'protocols/statements/tool-calls.test.ts';
const USAGE = 'protocols/statements/usage.test.ts';
const STREAMS = 'protocols/statements/streams.test.ts';
const CONTENT = 'protocols/statements/content.test.ts';
const THINKING = 'protocols/statements/thinking.test.ts';
const RESPONSES = 'protocols/statements/responses.test.ts';
const GEMINI = 'protocols/statements/gemini.test.ts';
const CUTS = 'faults/cut-answers.test.ts';

export interface Statement extends Proof {
  /** Its place in the list, from 1. */
  readonly number: number;
}

/** How many there are in the list. */
export const LISTED = 50;

export const STATEMENTS: readonly Statement[] = Object.freeze([
  {
    number: 1,
    claim: 'two calls of a Messages stream are calls 0 and 1 of a Chat stream, and are not mixed',
    tests: {
      [CALLS]: [
        "of two of Claude's blocks have the indices 0 and 1, and no fragment of one the other's",
      ],
    },
  },
  {
    number: 2,
    claim: 'three calls of a Chat stream are three blocks, none of which holds two objects',
    tests: { [CALLS]: ['of a Chat stream become a block each, and no block holds two objects'] },
  },
  {
    number: 3,
    claim: 'interleaved arguments end in the right block, and every block is closed',
    tests: {
      [CALLS]: ['whose fragments come in turns end in the right blocks, and every block is closed'],
    },
  },
  {
    number: 4,
    claim: 'arguments that come in one chunk with the name are not lost',
    tests: { [CALLS]: ['keep the arguments that come in one piece with the name'] },
  },
  {
    number: 5,
    claim: 'a call without arguments has an empty object in either protocol, never an empty text',
    tests: {
      [CALLS]: ['without arguments have an empty object, whichever protocol they come from'],
    },
  },
  {
    number: 6,
    claim: 'an end with calls that has none is a natural end',
    tests: { [CALLS]: ['that the finish names but nobody made are a natural end'] },
  },
  {
    number: 7,
    claim: 'a natural end that has calls is an end with calls',
    tests: { [CALLS]: ['that stand beside a natural end are an end with calls'] },
  },
  {
    number: 8,
    claim: 'a finish without usage still ends a Messages stream with its two last events',
    tests: { [USAGE]: ['gets its last two events though the provider told no usage'] },
  },
  {
    number: 9,
    claim: 'an incomplete response closes its open block before a Messages stream ends',
    tests: {
      [RESPONSES]: [
        'in the middle of a block closes the block before the end of a Messages stream',
      ],
    },
  },
  {
    number: 10,
    claim:
      'usage of incomplete and failed responses is metered and relayed; the first end by their length',
    tests: {
      [RESPONSES]: [
        'is one for its length, with all of its usage',
        'has its usage metered before its error',
      ],
    },
  },
  {
    number: 11,
    claim: 'cached tokens survive the way from Responses to a Chat stream',
    tests: {
      [RESPONSES]: ['of caches survive the way from Responses to a Chat stream'],
    },
  },
  {
    number: 12,
    claim: 'the detailed counts of a Responses answer are always numbers',
    tests: {
      [RESPONSES]: ['are numbers for a Responses client, whatever the provider told'],
    },
  },
  {
    number: 13,
    claim: 'events of a Responses stream have rising numbers, and its responses their text format',
    tests: {
      [RESPONSES]: ['are numbered without a gap, and every response in them has its format'],
    },
  },
  {
    number: 14,
    claim: 'a provider that is lost in a Responses stream is a failed response, never a bare end',
    tests: {
      [RESPONSES]: ['end as failed where the provider is lost after %s'],
      'clients/responses.test.ts': ['fails as a response when the provider is lost'],
    },
  },
  {
    number: 15,
    claim: 'usage of the start and of the delta is not summed',
    tests: { [USAGE]: ['of the start and of the delta are not added up'] },
  },
  {
    number: 16,
    claim: 'input and cache counts that stand only in the delta are metered',
    tests: {
      [USAGE]: ['of input and caches are taken from the delta where they stand only there'],
    },
  },
  {
    number: 17,
    claim: 'a zero in the delta does not erase what the start said',
    tests: { [USAGE]: ['of the start are not erased by a zero in the delta'] },
  },
  {
    number: 18,
    claim: "the three input counts of Messages add up to OpenAI's prompt; unknown ones are absent",
    tests: {
      [USAGE]: [
        'reach a Messages client as three parts that add up to the prompt',
        'of caches are absent, and not null, where nobody told them',
      ],
    },
  },
  {
    number: 19,
    claim: 'cache writes are metered as such and not as input besides',
    tests: { [USAGE]: ['of cache writes are a class of their own and no plain input besides'] },
  },
  {
    number: 20,
    claim: 'a thinking block that is empty but signed is relayed, streamed and whole',
    tests: {
      [THINKING]: ['that is empty but signed reaches the client, streamed and whole'],
    },
  },
  {
    number: 21,
    claim: 'each signed block of a stream has one signature right before its stop, unchanged',
    tests: {
      [THINKING]: ['has one signature right before the stop of each block, byte for byte'],
    },
  },
  {
    number: 22,
    claim: 'thinking of another maker is removed from the history, and nothing else is',
    tests: {
      [THINKING]: ['of another maker leaves the history before it goes on, and nothing else does'],
      'protocols/translation/answers-said.test.ts': [
        'comes back as it was through a %s client, and goes to no other',
      ],
      'faults/concessions.test.ts': [
        'leave the history, and nothing else does: %s',
        'leave the history of a client of another protocol as well',
      ],
    },
  },
  {
    number: 23,
    claim: 'turns with calls carry their reasoning field where a provider demands it',
    tests: {
      [THINKING]: [
        'has its field on every turn with calls where the provider refuses turns without it',
      ],
    },
  },
  {
    number: 24,
    claim: "a signature of Gemini's that went to a Chat client comes back to its call",
    tests: {
      [GEMINI]: ['comes back to it through a Chat client that returns what it got'],
    },
  },
  {
    number: 25,
    claim: 'empty texts never reach Anthropic; beside calls only the calls do',
    tests: {
      [CONTENT]: [
        'never reach Claude, in whichever message they stand',
        'beside calls leave the calls alone',
      ],
    },
  },
  {
    number: 26,
    claim: 'a whole Messages answer has content; an empty one has one empty text',
    tests: {
      [CONTENT]: [
        'has content wherever the provider made any',
        'that is empty has one empty text, streamed and whole',
      ],
    },
  },
  {
    number: 27,
    claim: "at most four cache breakpoints leave the hub, the client's first ones",
    tests: {
      [CONTENT]: ["are four at the most, the client's first ones, on either way"],
    },
  },
  {
    number: 28,
    claim: 'cache breakpoints on parts survive every translation that can carry them',
    tests: {
      [CONTENT]: ['survive on every part that can carry them, and are named where none can'],
    },
  },
  {
    number: 29,
    claim: 'an image of a Messages client is an image at a Chat provider, never text',
    tests: {
      [CONTENT]: [
        'of a Messages client is an image at a Chat provider, and no text holds its data',
      ],
    },
  },
  {
    number: 30,
    claim: 'an image in a result follows in a user message; the tool message stays legal',
    tests: {
      [CONTENT]: ['in the result of a call follows in a user message, and the result stays text'],
    },
  },
  {
    number: 31,
    claim: 'parallel results come in the order of the calls, in one turn, before any text',
    tests: {
      [CALLS]: ['go to Claude in the order of the calls, in one turn, before what the user adds'],
    },
  },
  {
    number: 32,
    claim: 'a result without an id is refused with 400, not sent on',
    tests: { [CALLS]: ['without an id are refused with the field, and sent to nobody: %s'] },
  },
  {
    number: 33,
    claim: 'comments in a stream of the provider do not break it',
    tests: { [STREAMS]: ['before, between and after events change nothing: %j'] },
  },
  {
    number: 34,
    claim: 'a stream that is cut at any byte, with any line end, gives the same answer',
    tests: {
      'protocols/splits.test.ts': [
        'gives the same events at every byte boundary (%s)',
        'gives the same events in random pieces',
      ],
    },
  },
  {
    number: 35,
    claim: "an error after status 200 reaches the client in its dialect's form",
    tests: {
      [STREAMS]: ['reaches the client in its own dialect: %s'],
      'gateway/keep-alive.test.ts': [
        'is a status and no stream, though comments stand before it: $what',
      ],
    },
  },
  {
    number: 36,
    claim: "streamed arguments of Gemini's calls are complete without a last part",
    tests: {
      [GEMINI]: ['of arguments in pieces is whole, though no last piece comes'],
    },
  },
  {
    number: 37,
    claim: 'no message without parts is sent to Gemini',
    tests: {
      [GEMINI]: ['is never sent to Gemini'],
    },
  },
  {
    number: 38,
    claim: 'a client that leaves in mid-stream leaves a record with what it got',
    tests: { [CUTS]: LEFT },
  },
  {
    number: 39,
    claim: 'no provider call goes on for a client that has left',
    tests: { [CUTS]: LEFT },
  },
  {
    number: 40,
    claim: 'an explicit zero usage is not replaced by an estimate',
    tests: { [USAGE]: ['of zero are zero'], 'faults/usage-reports.test.ts': [ZERO] },
  },
  {
    number: 41,
    claim: 'a client that leaves before any usage still pays the estimated prompt',
    tests: { [CUTS]: LEFT },
  },
  {
    number: 42,
    claim: 'a try that failed is not charged to the caller',
    tests: {
      'faults/retries.test.ts': [
        'a provider that … is asked again: one answer, one charge: …',
        'two failures are the last word: two tries, no charge',
      ],
    },
  },
  {
    number: 43,
    claim: 'a finish that comes twice ends the answer once',
    tests: { [STREAMS]: ['comes once, though the provider says it twice'] },
  },
  {
    number: 44,
    claim: 'usage in three places is counted once',
    tests: { [USAGE]: ['are read once though they stand in three places'] },
  },
  {
    number: 45,
    claim: 'text on the finish chunk is relayed before the end',
    tests: { [STREAMS]: ['comes after the text that stands beside it'] },
  },
  {
    number: 46,
    claim: 'usage in a Chat stream is there for those who asked, and for nobody else',
    tests: {
      [USAGE]: [
        'that asked for usage gets one chunk of it, without choices, and null before',
        'that did not ask sees none, and no chunk without choices',
      ],
      'clients/pass-through.test.ts': [
        'reaches a Chat client that ordered the usage as it was sent',
        'reaches a Chat client that did not order the usage without it',
      ],
    },
  },
  {
    number: 47,
    claim: 'what cannot be said is refused before the provider is asked',
    tests: { [CONTENT]: ['is refused by name before anything is sent: %s'] },
  },
  {
    number: 48,
    claim: 'tools of Messages without a type are taken for custom ones',
    tests: { [CALLS]: ['of a Messages client without a type are its own'] },
  },
  {
    number: 49,
    claim: "Gemini's text after a first finish is relayed, and its last usage counts",
    tests: {
      [GEMINI]: ['after a first finish is relayed, and its last usage is the one that counts'],
    },
  },
  {
    number: 50,
    claim: 'a temperature for Claude succeeds, or is dropped by name, whatever the API version',
    tests: {
      [THINKING]: [
        'succeeds at %s: sent where the model takes one, dropped by name where it does not',
        "is allowed by the version that goes with it, whichever the client's own is",
      ],
    },
  },
]);
