// `npm run prove:revocation [-- --part NAME] [--rounds N] [--seed N]`: how long a key that was revoked on
// one node is still accepted anywhere, by two real hubs on one PostgreSQL. Some minutes at full size.

import type { Part } from './part.ts';
import { runProof } from './program.ts';
import { runNotified, runPolled } from './revocations.ts';

const PARTS: readonly Part[] = [
  { name: 'notified', unit: 'revocations', fullRounds: 1_000, run: runNotified },
  { name: 'polled', unit: 'revocations', fullRounds: 200, run: runPolled },
];

process.exitCode = await runProof('revocation', PARTS, process.argv.slice(2));
