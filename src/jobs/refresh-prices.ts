// The daily look at the operator's file of price data: what it says otherwise than the published
// prices is proposed. The file is brought there by the operator, for the hub itself calls nobody but
// the recipients that it declares.

import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { parseJson } from '../base/json.ts';
import { refreshPrices } from '../catalog/price-proposals.ts';
import type { Sql } from '../db/database.ts';
import { type Job, dailyAt } from './job.ts';

export function refreshPricesJob(sql: Sql, clock: Clock, path: string): Job {
  return {
    name: 'refresh-prices',
    dueMs: dailyAt(1, 0),
    run: async (signal) => {
      const data = parseJson(await readFile(path, { encoding: 'utf8', signal }));
      return refreshPrices(sql, data, clock.wallMs());
    },
  };
}
