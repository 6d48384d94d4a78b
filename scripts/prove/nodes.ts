// What several nodes do with one customer's money: it follows him from node to node, and a node that
// is gone keeps none of it.

import { runDeadNodes } from './dead-nodes.ts';
import { runLastDollar } from './last-dollar.ts';
import type { Findings, Run } from './part.ts';

const TRIES_A_ROUND = 20;

export async function runNodes(run: Run): Promise<Findings> {
  const dollar = await runLastDollar(run, run.rounds * TRIES_A_ROUND);
  const dead = await runDeadNodes(run);
  return {
    violations: [...dollar.violations, ...dead.violations],
    figures: [...dollar.figures, ...dead.figures],
  };
}
