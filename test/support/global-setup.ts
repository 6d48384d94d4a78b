// Runs once before and once after all tests: the PostgreSQL cluster that they share. Workers
// inherit the environment, so the cluster's address reaches every test file without a handle.

import { startPostgresCluster } from './postgres-cluster.ts';

export async function setup(): Promise<() => Promise<void>> {
  const cluster = await startPostgresCluster();
  if ('missing' in cluster) {
    process.env['TEST_POSTGRES_MISSING'] = cluster.missing;
    console.warn(`Tests on PostgreSQL are left out: ${cluster.missing}.`);
    return async () => {};
  }
  process.env['TEST_POSTGRES_URL'] = cluster.url;
  return () => cluster.stop();
}
