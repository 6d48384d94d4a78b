// `npm run conformance -- --recordings FOLDER [--only SUBSTRING]`: recorded provider traffic
// through a hub, one line a file, the counts at the end (docs/compatibility.md).

import { resolve } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { findHubNode, hubEnvironment, requireLauncherNode, ROOT } from './lib/node.mjs';
import { endLike, runProgram } from './lib/processes.mjs';
import { launch } from './lib/progress.mjs';

await launch(async () => {
  requireLauncherNode();
  await ensureInstalled('all');
  const args = ['test/conformance/run.ts', ...absolute(process.argv.slice(2))];
  endLike(await runProgram(findHubNode(), args, { cwd: ROOT, env: hubEnvironment() }));
});

/** npm changes to the project's folder; a relative one is meant from where the caller stands. */
function absolute(args) {
  const from = process.env.INIT_CWD ?? process.cwd();
  return args.map((arg, i) => (args[i - 1] === '--recordings' ? resolve(from, arg) : arg));
}
