// The commands `prices` and `markup`: their options, and how their replies read. What they do is
// done by the hub (price-commands.ts).

import { parseArgs } from 'node:util';
import { HubError } from '../base/errors.ts';
import { formatDecimal, formatUsd } from '../base/money.ts';
import { parsePercent } from '../catalog/markup.ts';
import { PriceUsageError, type Reach, readJsonFile } from './price-args.ts';
import type { MarkupRequest, PricesReply, ShownMarkup } from './price-commands.ts';

import { isProposalVerb, runProposals } from './proposal-cli.ts';

export const PRICES_HELP = `  prices check FILE [--accept-jump MODEL]... [--json]
            Judge a price list (docs/prices.md) and name every fault. Changes nothing.
  prices publish FILE [--accept-jump MODEL]... [--json]
            Publish what is new in it; with any fault nothing of it. --accept-jump lets the rates of
            one model change by more than ten times.
  prices show [MODEL] [--json]
            Print the prices that hold or will; of one model every one that ever held.
  prices propose FILE [--json]
            Compare price data of genai-prices with what is published, and propose the changes.
  prices proposals [--json]
            Print what waits for a decision.
  prices approve ID [--accept-jump MODEL] [--json], prices reject ID [--json]
            Publish a proposal, or never see it again.
  markup set (--default | --provider ID | --model ID) --percent PERCENT [--json]
            Add a percentage to list prices, such as 5.5 (--percent=-5 takes off); the most
            specific rule counts, and "none" takes it back.
  markup show [--json]
            Print every markup with its date.
`;

/** Runs `prices …`; returns what it prints. Throws a HubError that names every fault of a list. */
export async function runPrices(args: readonly string[], reach: Reach): Promise<string> {
  const { values, positionals } = readOptions(args);
  const [verb, target, ...rest] = positionals;
  if (rest.length > 0) throw new PriceUsageError(`prices ${verb} takes one argument.`);
  if (verb === 'show') {
    const { prices } = await reach((commands) => commands.showPrices({ model: target }));
    if (values.json) return `${JSON.stringify({ prices })}\n`;
    return prices.map(describePrice).join('\n');
  }
  if (verb !== undefined && isProposalVerb(verb)) {
    const options = { target, json: values.json ?? false, jumps: values['accept-jump'] ?? [] };
    return runProposals(verb, options, reach);
  }
  if ((verb !== 'check' && verb !== 'publish') || target === undefined) {
    throw new PriceUsageError('prices is followed by check FILE, publish FILE or show.');
  }
  const request = { list: await readJsonFile(target), acceptJumps: values['accept-jump'] ?? [] };
  const reply = await reach((commands) =>
    verb === 'check' ? commands.checkPrices(request) : commands.publishPrices(request),
  );
  if (reply.faults.length > 0) throw refusalOf(reply);
  if (values.json) return `${JSON.stringify(reply)}\n`;
  const done = verb === 'check' ? 'The list is good. New in it' : 'Published';
  return `${done}: ${reply.versions.length === 0 ? 'nothing' : reply.versions.join(', ')}\n`;
}

/** Runs `markup …`; returns what it prints. */
export async function runMarkup(args: readonly string[], reach: Reach): Promise<string> {
  const { values, positionals } = readOptions(args);
  const [verb, ...rest] = positionals;
  if (rest.length > 0 || (verb !== 'set' && verb !== 'show')) {
    throw new PriceUsageError('markup is followed by set or show.');
  }
  if (verb === 'show') {
    const reply = await reach((commands) => commands.showMarkups());
    if (values.json) return `${JSON.stringify(reply)}\n`;
    return reply.markups.map(describeMarkup).join('');
  }
  const request = readMarkup(values);
  const markup = await reach((commands) => commands.setMarkup(request));
  return values.json ? `${JSON.stringify(markup)}\n` : describeMarkup(markup);
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'accept-jump': { type: 'string', multiple: true },
        default: { type: 'boolean' },
        provider: { type: 'string' },
        model: { type: 'string' },
        percent: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new PriceUsageError((error as Error).message.split('\n', 1)[0]);
  }
}

type Options = ReturnType<typeof readOptions>['values'];

function readMarkup({ default: isDefault, provider, model, percent }: Options): MarkupRequest {
  const targets: Omit<MarkupRequest, 'bps'>[] = [
    ...(isDefault ? [{ scope: 'default' as const, target: null }] : []),
    ...(provider === undefined ? [] : [{ scope: 'provider' as const, target: provider }]),
    ...(model === undefined ? [] : [{ scope: 'model' as const, target: model }]),
  ];
  const [target, ...others] = targets;
  if (!target || others.length > 0) {
    throw new PriceUsageError('markup set needs one of --default, --provider ID and --model ID.');
  }
  const bps = percent === 'none' ? null : parsePercent(percent ?? '');
  if (bps === undefined) {
    throw new PriceUsageError('--percent is above -100, with at most two decimals, or "none".');
  }
  return { ...target, bps };
}

function refusalOf({ faults }: PricesReply): HubError {
  const lines = faults.map(({ code, where, message }) => `  ${where} (${code}): ${message}`);
  const message = `The list was refused, and nothing has changed:\n${lines.join('\n')}`;
  return new HubError('invalid_request', { message });
}

function describePrice(price: {
  readonly id: string;
  readonly effectiveFrom: string;
  readonly inForce: boolean;
  readonly rates: Readonly<Record<string, string>>;
  readonly markupBps: number;
}): string {
  const state = price.inForce ? 'in force' : 'not in force';
  const rates = Object.entries(price.rates).map(
    ([name, rate]) => `    ${name.padEnd(18)} $${formatUsd(BigInt(rate))} a million`,
  );
  const markup = price.markupBps === 0 ? '' : `, markup ${percentOf(price.markupBps)}`;
  return `${price.id}\n  from ${price.effectiveFrom}, ${state}${markup}\n${rates.join('\n')}\n`;
}

function describeMarkup({ scope, target, bps, effectiveFrom }: ShownMarkup): string {
  const figure = bps === null ? 'none' : percentOf(bps);
  return `${[scope, target].filter(Boolean).join(' ')}: ${figure}, from ${effectiveFrom}\n`;
}

function percentOf(bps: number): string {
  return `${formatDecimal(BigInt(bps), 2)} %`;
}
