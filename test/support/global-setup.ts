// Runs once before and once after all tests: the PostgreSQL cluster that they share, the embedded
// database that they copy, and the cache of compiled code by which hundreds of processes start in half
// the time. Workers inherit the environment, so all three reach every test file without a handle.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePgliteTemplate } from './pglite-template.ts';
import { startPostgresCluster } from './postgres-cluster.ts';

export async function setup(): Promise<() => Promise<void>> {
  const compiled = await mkdtemp(join(tmpdir(), 'hub-compiled-'));
  process.env['NODE_COMPILE_CACHE'] = compiled;
  const [cluster, template] = await Promise.all([startPostgresCluster(), makePgliteTemplate()]);
  process.env['TEST_PGLITE_TEMPLATE'] = template.folder;
  const removeMade = async (): Promise<void> => {
    // Processes that have just been told to end may still write to the cache.
    const patiently = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };
    await Promise.all([template.remove(), rm(compiled, patiently)]);
  };
  if ('missing' in cluster) {
    process.env['TEST_POSTGRES_MISSING'] = cluster.missing;
    console.warn(`Tests on PostgreSQL are left out: ${cluster.missing}.`);
    return removeMade;
  }
  process.env['TEST_POSTGRES_URL'] = cluster.url;
  return async () => {
    await Promise.all([cluster.stop(), removeMade()]);
  };
}
