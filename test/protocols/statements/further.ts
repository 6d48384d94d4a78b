// What must hold between protocols besides the listed failures of hubs, and the tests that prove it.

import type { Proof } from '../../faults/coverage.ts';

const STREAMS = 'protocols/statements/streams.test.ts';

export const FURTHER_STATEMENTS: readonly Proof[] = Object.freeze([
  {
    claim: 'one [DONE] ends a Chat stream, and none one of Messages or Gemini',
    tests: {
      [STREAMS]: ['is one [DONE] for a Chat client, and none for one of Messages or Gemini'],
    },
  },
  {
    claim: 'a stop sequence that was not met is null and there',
    tests: { [STREAMS]: ['has a stop sequence that is null where none was met'] },
  },
  {
    claim: 'an instruction in the middle of a conversation keeps its place',
    tests: {
      'protocols/translation/chat-to-messages.test.ts': [
        'keeps the place of a system message in mid-conversation',
      ],
    },
  },
  {
    claim: 'counting tokens is answered for every model',
    tests: {
      'gateway/count-tokens.test.ts': [
        "of a Claude model asks Anthropic with the client's own bytes and headers, and is free",
        'of any other model is an estimate, marked as one, and nothing is sent',
      ],
    },
  },
]);
