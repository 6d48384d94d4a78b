// `npm start`: packages, web pages, then the hub itself on the Node that the packages carry. The
// channel to the hub tells it when this launcher is gone, however it ended.

import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { findHubNode, hubEnvironment, requireLauncherNode, ROOT } from './lib/node.mjs';
import { HUB_NODE_ARGS } from './lib/node-args.mjs';
import { endLike, runProgram } from './lib/processes.mjs';
import { launch } from './lib/progress.mjs';
import { ensureWebBuilt } from './lib/web-build.mjs';

await launch(async () => {
  requireLauncherNode();
  await ensureInstalled('production');
  const node = findHubNode();
  await ensureWebBuilt(node);
  const args = [...HUB_NODE_ARGS, join(ROOT, 'src', 'main.ts'), ...process.argv.slice(2)];
  endLike(await runProgram(node, args, { channel: true, env: hubEnvironment() }));
});
