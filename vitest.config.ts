// How the tests run. Three workers, for the smallest machine that must pass has two cores and a third
// of the time goes by in waiting; forks, because tests start servers and processes, whose handles
// threads of one process would share.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.{ts,mjs}'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
