// `npm test`: packages, web pages, types, lint, format and all tests; the last line sums them up.
// With arguments (`npm test -- test/ledger`) it runs just those tests, for which they are vitest's.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { findHubNode, hubEnvironment, requireLauncherNode, ROOT } from './lib/node.mjs';
import { endLike, runProgram, runTool } from './lib/processes.mjs';
import { launch, say } from './lib/progress.mjs';
import { findSystemPackages } from './lib/system-packages.mjs';
import { addCounts, countTests, describeCounts } from './lib/test-counts.mjs';
import { ensureWebBuilt } from './lib/web-build.mjs';

const CHECKS = [
  { name: 'types', tool: 'typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'types of the web pages', tool: 'typescript/bin/tsc', args: ['-p', 'web/tsconfig.json'] },
  { name: 'lint', tool: 'oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'format', tool: '@biomejs/biome/bin/biome', args: ['check'] },
];

await launch(async () => {
  requireLauncherNode();
  await ensureInstalled('all');
  const node = findHubNode();
  const found = await findSystemPackages();
  await ensureWebBuilt(node);
  const only = process.argv.slice(2);
  const checks = only.length > 0 ? [] : await runChecks(node);
  const tests = await runTests(node, only, hubEnvironment(found));
  const total = addCounts([...checks, tests]);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
  process.stdout.write(`${describeCounts(total)}\n`);
});

/** Each check is one test: its output matters only when it fails. */
async function runChecks(node) {
  const counts = [];
  for (const { name, tool, args } of CHECKS) {
    if (args[0] === '-p' && !existsSync(join(ROOT, args[1]))) continue;
    const path = join(ROOT, 'node_modules', tool);
    const end = await runTool(node, [path, ...args], { cwd: ROOT, env: hubEnvironment() });
    const ok = end.code === 0 && !end.signal;
    say(ok ? `✓ ${name}` : `✗ ${name}\n${end.output.trimEnd()}`);
    counts.push({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
  }
  return counts;
}

async function runTests(node, only, env) {
  const folder = mkdtempSync(join(tmpdir(), 'hub-tests-'));
  const reportPath = join(folder, 'report.json');
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const end = await runProgram(node, [vitest, 'run', ...reporters, ...only], { cwd: ROOT, env });
  const report = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  if (end.interruptedBy) endLike({ signal: end.interruptedBy });
  return countTests(report, end.code);
}
