#!/usr/bin/env node
// The `inferencehub` command: packages if they are missing, then the command line on the Node that
// the packages carry. Stdout is the command's alone.

import { join } from 'node:path';
import { ensureInstalled } from '../scripts/lib/install.mjs';
import { findHubNode, hubEnvironment, requireLauncherNode, ROOT } from '../scripts/lib/node.mjs';
import { endLike, runProgram } from '../scripts/lib/processes.mjs';
import { launch } from '../scripts/lib/progress.mjs';

await launch(async () => {
  requireLauncherNode();
  await ensureInstalled('production');
  const args = [join(ROOT, 'src', 'cli.ts'), ...process.argv.slice(2)];
  endLike(await runProgram(findHubNode(), args, { env: hubEnvironment() }));
});
