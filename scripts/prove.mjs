// `npm run prove:money`, `prove:parsers`, `prove:accounts` and `prove:revocation`: the proofs of
// scripts/prove, on the Node that the packages carry and with what they need of the system, found (or
// installed) as `npm test` does it.

import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { findHubNode, hubEnvironment, requireLauncherNode, ROOT } from './lib/node.mjs';
import { endLike, runProgram } from './lib/processes.mjs';
import { launch, LaunchError } from './lib/progress.mjs';
import { findSystemPackages } from './lib/system-packages.mjs';

const PROOFS = new Map([
  ['money', 'money.ts'],
  ['parsers', 'parsers/main.ts'],
  ['revocation', 'revocation.ts'],
  ['accounts', 'accounts.ts'],
]);

await launch(async () => {
  requireLauncherNode();
  const [proof, ...args] = process.argv.slice(2);
  const file = PROOFS.get(proof);
  if (!file) throw new LaunchError(`There are proofs of: ${[...PROOFS.keys()].join(', ')}.`);
  await ensureInstalled('all');
  const env = hubEnvironment(await findSystemPackages());
  const path = join('scripts', 'prove', file);
  endLike(await runProgram(findHubNode(), [path, ...args], { cwd: ROOT, env }));
});
