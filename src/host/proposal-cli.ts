// The part of the command `prices` that is about proposals of a price feed: filing, showing and
// deciding them, and how the replies read.

import { formatUsd } from '../base/money.ts';
import type { ShownProposal } from '../catalog/proposal-view.ts';
import { PriceUsageError, type Reach, readJsonFile } from './price-args.ts';

const VERBS = ['propose', 'proposals', 'approve', 'reject'] as const;
type ProposalVerb = (typeof VERBS)[number];

export function isProposalVerb(verb: string): verb is ProposalVerb {
  return (VERBS as readonly string[]).includes(verb);
}

export interface ProposalOptions {
  readonly target: string | undefined;
  readonly json: boolean;
  /** Models whose rates may jump. */
  readonly jumps: readonly string[];
}

/** Returns what the command prints. */
export async function runProposals(
  verb: ProposalVerb,
  { target, json, jumps }: ProposalOptions,
  reach: Reach,
): Promise<string> {
  if (verb === 'proposals') {
    const reply = await reach((commands) => commands.showProposals());
    return json ? `${JSON.stringify(reply)}\n` : describeAll(reply.proposals);
  }
  if (target === undefined) {
    throw new PriceUsageError(
      'prices propose takes a FILE, approve and reject the ID of a proposal.',
    );
  }
  if (verb === 'propose') {
    const feed = await readJsonFile(target);
    const reply = await reach((commands) => commands.proposePrices({ feed }));
    if (json) return `${JSON.stringify(reply)}\n`;
    const unread = reply.unread.map(({ model, reason }) => `${model} was not read: ${reason}\n`);
    return `Proposed: ${reply.filed}, withdrawn: ${reply.withdrawn}\n${unread.join('')}`;
  }
  const decision = verb === 'approve' ? 'approved' : 'rejected';
  const reply = await reach(async (commands) => {
    const { proposals } = await commands.showProposals();
    const model = proposals.find(({ id }) => id === target)?.model;
    const acceptJump = model !== undefined && jumps.includes(model);
    return commands.decideProposal({ id: target, decision, acceptJump });
  });
  if (json) return `${JSON.stringify(reply)}\n`;
  return reply.version === null ? 'Rejected.\n' : `Published: ${reply.version}\n`;
}

function describeAll(proposals: readonly ShownProposal[]): string {
  if (proposals.length === 0) return 'Nothing waits for a decision.\n';
  return proposals.map(describe).join('\n');
}

function describe({ id, model, effectiveFrom, figures, faults }: ShownProposal): string {
  const lines = figures.map(({ tier, class: name, before, after }) => {
    const place = `${name}${tier}`.padEnd(28);
    return `    ${place} ${dollars(before)} → ${dollars(after)}\n`;
  });
  const when = effectiveFrom ?? 'its approval';
  const refused = faults.length === 0 ? '' : `, refused as ${faults.join(', ')}`;
  return `${id}  ${model} from ${when}${refused}\n${lines.join('')}`;
}

function dollars(rate: string | null): string {
  return rate === null ? 'not sold' : `$${formatUsd(BigInt(rate))}`;
}
