// Runs once before and once after all tests: the PostgreSQL cluster that they share, and the
// embedded database that they copy. Workers inherit the environment, so both reach every test file
// without a handle.

import { makePgliteTemplate } from './pglite-template.ts';
import { startPostgresCluster } from './postgres-cluster.ts';

export async function setup(): Promise<() => Promise<void>> {
  const [cluster, template] = await Promise.all([startPostgresCluster(), makePgliteTemplate()]);
  process.env['TEST_PGLITE_TEMPLATE'] = template.folder;
  if ('missing' in cluster) {
    process.env['TEST_POSTGRES_MISSING'] = cluster.missing;
    console.warn(`Tests on PostgreSQL are left out: ${cluster.missing}.`);
    return () => template.remove();
  }
  process.env['TEST_POSTGRES_URL'] = cluster.url;
  return async () => {
    await Promise.all([cluster.stop(), template.remove()]);
  };
}
