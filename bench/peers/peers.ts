// The rival gateways that the bench can measure. Each is installed when it is first started, which
// takes seconds to minutes and a few hundred megabytes; docs/performance.md tells of each.

import type { Subject } from '../subject.ts';
import { CRABLLM } from './crabllm.ts';
import { LITELLM } from './litellm.ts';
import { MISSING_PEERS } from './missing.ts';
import { ONE_API } from './one-api.ts';
import { PORTKEY } from './portkey.ts';
import { TENSORZERO } from './tensorzero.ts';

export const PEERS: readonly Subject[] = [
  ...PORTKEY,
  ...LITELLM,
  ...CRABLLM,
  ...TENSORZERO,
  ...ONE_API,
  ...MISSING_PEERS,
];
