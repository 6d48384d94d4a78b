// `npm run catalog:seed -- [--date YYYY-MM-DD]`: brings the list prices of the catalogue's offers up
// to the installed price data, as rows for a person to review (docs/prices.md).

import { ensureInstalled } from './lib/install.mjs';
import { findHubNode, hubEnvironment, requireLauncherNode, ROOT } from './lib/node.mjs';
import { endLike, runProgram } from './lib/processes.mjs';
import { launch } from './lib/progress.mjs';

await launch(async () => {
  requireLauncherNode();
  await ensureInstalled('all');
  const args = ['scripts/catalog/seed.ts', ...process.argv.slice(2)];
  endLike(await runProgram(findHubNode(), args, { cwd: ROOT, env: hubEnvironment() }));
});
