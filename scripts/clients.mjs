// `npm run clients [-- --only NAME] [--keep]`: coding clients from npm, each through a task against a
// hub of its own (docs/compatibility.md). On the Node that the packages carry, as the tests are.

import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { findHubNode, hubEnvironment, requireLauncherNode, ROOT } from './lib/node.mjs';
import { endLike, runProgram } from './lib/processes.mjs';
import { launch } from './lib/progress.mjs';

await launch(async () => {
  requireLauncherNode();
  await ensureInstalled('all');
  const args = [join('scripts', 'coding-clients', 'main.ts'), ...process.argv.slice(2)];
  endLike(await runProgram(findHubNode(), args, { cwd: ROOT, env: hubEnvironment() }));
});
