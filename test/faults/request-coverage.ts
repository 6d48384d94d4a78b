// Which test would fail if a fault of requests could happen: bodies, heads and headers that somebody
// made to harm, and answers that reach the wrong one. Held to the files by test/tidy.

import type { Proof } from './coverage.ts';

const ISOLATION = 'faults/isolation.test.ts';
const BODIES = 'faults/bodies.test.ts';
const LIMITS = 'door/limits.test.ts';

export const REQUEST_FAULTS: readonly Proof[] = Object.freeze([
  {
    claim:
      "a body that names another host or credential is refused; keys go to their provider's host",
    tests: {
      [ISOLATION]: ['refuses %s, and sends nothing'],
      'upstream/clients.test.ts': ['sends what it was given, to the address of the settings'],
      'upstream/pools.test.ts': ['sends each request with its own, on no connection of another'],
    },
  },
  {
    claim: 'an address in a prompt, of a private network or not: no connection from the hub',
    tests: {
      [ISOLATION]: ['opens no picture itself, wherever it lies: that is the provider’s to do'],
      'upstream/connecting.test.ts': ['refuses a public name that leads into a private network'],
    },
  },
  {
    claim: "the customer's headers do not go to a provider, nor the provider's to the customer",
    tests: {
      [ISOLATION]: [
        'tells a provider nothing of the customer, and the customer nothing of the account',
      ],
    },
  },
  {
    claim: 'the same prompt twice is two answers, and none reaches who did not ask for it',
    tests: {
      [ISOLATION]: [
        'of two customers who ask the same are two answers',
        'reach who asked for them, though others leave in the middle of theirs',
      ],
      'door/strangers.test.ts': [
        'to the same prompt on many connections stay apart',
        'that come late, after their end, reach nobody',
        'of a client that has gone go to no other client',
      ],
      'upstream/clients.test.ts': [
        'does not use a connection again on which more came than the answer',
        'closes the connection of a call that is cancelled within its answer',
      ],
    },
  },
  {
    claim: 'a body that grows without end when it is decompressed is refused, odd encodings too',
    tests: {
      [BODIES]: [
        'of 128 MiB in a few bytes of %s is refused with 413',
        'that is not what its encoding says is refused with 400',
        'in an unknown encoding, or in several, is refused with 415',
      ],
    },
  },
  {
    claim:
      'prototypes, deep nesting, repeated keys and broken texts in JSON: no crash, no pollution',
    tests: {
      [BODIES]: [
        'nested 100 000 levels deep is refused with 400 on every way, wherever it nests',
        'with __proto__ in it changes nothing but itself',
        'that names its model twice is priced and sent as the same one',
        'that is no JSON object in UTF-8 is refused with 400',
      ],
      'door/head.test.ts': ['has headers that are nobody else’s: no prototype, none inherited'],
    },
  },
  {
    claim:
      'a head that two readers could read otherwise, or that is too long, is refused and closed',
    tests: {
      'door/handover.test.ts': ['is refused and closed as by node:http: %s'],
      'door/head.test.ts': [
        'takes no time to refuse that grows with the square of its length',
        'every head that the door takes is read alike by the parser of node',
      ],
      'http/server.test.ts': ['answers an oversized head with 431'],
    },
  },
  {
    claim: 'slow heads and bodies are cut; a slow reader holds the provider back, in bounds',
    tests: {
      [LIMITS]: [
        'and sends its head byte by byte gets no more time for it',
        'and does not end its body is told 408 and cut, and the handler hears of it',
        'that takes nothing of its answer is cut in the end',
        'that reads no answers gets no more requests read',
      ],
      'faults/slow-reader.test.ts': ['makes the provider wait, and gets all of it later: …'],
    },
  },
]);
