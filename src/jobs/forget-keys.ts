// Idempotency keys older than a day are of no use to anybody: they go every hour.

import type { Sql } from '../db/database.ts';
import { removeOldKeys } from '../usage/idempotency.ts';
import { type Job, every } from './job.ts';

const HOUR_MS = 3_600_000;

export function forgetKeysJob(sql: Sql): Job {
  return {
    name: 'forget-idempotency-keys',
    dueMs: every(HOUR_MS),
    run: (signal) => removeOldKeys(sql, signal),
  };
}
