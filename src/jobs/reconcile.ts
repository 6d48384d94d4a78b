// The daily reconciliation: a quarter of an hour into the UTC day, when the last requests of the day
// before are drained.

import type { Reconciler } from '../reconcile/reconciler.ts';
import { type Job, dailyAt } from './job.ts';

export function reconcileJob(reconciler: Reconciler): Job {
  return {
    name: 'reconcile',
    dueMs: dailyAt(0, 15),
    run: (signal) => reconciler.run('schedule', signal),
  };
}
