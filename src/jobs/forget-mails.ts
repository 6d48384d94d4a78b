// Messages that were sent or given up a month ago are of no use to anybody: they go every hour.

import type { Sql } from '../db/database.ts';
import { forgetOldMails } from '../mail/due.ts';
import { type Job, every } from './job.ts';

const HOUR_MS = 3_600_000;

export function forgetMailsJob(sql: Sql): Job {
  return { name: 'forget-mails', dueMs: every(HOUR_MS), run: () => forgetOldMails(sql) };
}
