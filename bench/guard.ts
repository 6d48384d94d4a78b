// `npm run bench:guard`: whether a request takes more of anything countable than when the baseline
// was stored. --accept stores what it takes now; --checkout FOLDER counts other sources. The same
// runs among the tests.

import { parseArgs } from 'node:util';
import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { compareCounts, describeGrowth, readBaseline, writeBaseline } from './baseline.ts';
import { countCosts } from './counts.ts';

const { values } = parseArgs({
  options: { accept: { type: 'boolean', default: false }, checkout: { type: 'string' } },
});

const cluster = await startPostgresCluster();
if ('missing' in cluster) throw new Error(`The guard needs PostgreSQL: ${cluster.missing}.`);
try {
  const counts = await countCosts({ databaseUrl: cluster.url, checkout: values.checkout });
  process.stdout.write(`${JSON.stringify(counts, undefined, 2)}\n`);
  if (values.accept) await writeBaseline(counts);
  const { grown, shrunk } = compareCounts(counts, await readBaseline());
  for (const sentence of shrunk) process.stdout.write(`Less than stored: ${sentence}.\n`);
  if (grown.length > 0) process.stderr.write(`${describeGrowth(grown)}\n`);
  process.exitCode = grown.length > 0 ? 1 : 0;
} finally {
  await cluster.stop();
}
