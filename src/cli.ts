// The `inferencehub` command. Stdout carries results alone (with --json exactly one line), failures
// are one sentence on stderr: exit 1 when the hub refuses, 2 when the command is wrongly used.

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { HubError } from './base/errors.ts';
import { formatUsd, parseUsd } from './base/money.ts';
import { ConfigError, SETTINGS, environment, readConfig } from './config.ts';
import { PriceUsageError } from './host/price-args.ts';
import { PRICES_HELP, runMarkup, runPrices } from './host/price-cli.ts';
import { withHub } from './host/reach.ts';

const HELP = `Usage: inferencehub <command>

  bootstrap --email ADDRESS [--grant USD] [--force] [--json]
            Make the first operator with a workspace, a live balance of USD dollars, play money,
            and a live and a test key. --force goes on although there is an operator.
  link [--email ADDRESS] [--json]
            Print a one-time sign-in link for the operator, or the welcome link of a new hub.
${PRICES_HELP}  settings  Print every setting and what it is now (never the value of a secret).
  help      Print this.

Commands work on a running and on a stopped hub, with the same environment that \`npm start\` has.
`;

/** Beyond it a grant would not fit the ledger's columns for long. */
const MOST_GRANT_NANOS = parseUsd('9999999');

class UsageError extends Error {}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const [command, ...rest] = args;
    process.stdout.write(await run(command ?? 'help', rest));
    return 0;
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    const isUsage = error instanceof UsageError || error instanceof PriceUsageError;
    if (isUsage) process.stderr.write('Try `inferencehub help`.\n');
    return isUsage ? 2 : 1;
  }
}

/** An address with several numbers fails with several errors, and no words of its own. */
function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError) return sentenceOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** Returns what the command prints. */
async function run(command: string, args: readonly string[]): Promise<string> {
  switch (command) {
    case 'help':
    case '--help':
    case '-h':
      return HELP;
    case 'settings':
      return describeSettings(environment);
    case 'bootstrap':
      return runBootstrap(args);
    case 'link':
      return runLink(args);
    case 'prices':
      return runPrices(args, (work) => withHub(readConfig(), work));
    case 'markup':
      return runMarkup(args, (work) => withHub(readConfig(), work));
    default:
      throw new UsageError(`There is no command "${command}".`);
  }
}

async function runBootstrap(args: readonly string[]): Promise<string> {
  const options = readOptions(args);
  const email = checkEmail(options.email);
  if (email === undefined) throw new UsageError('bootstrap needs --email ADDRESS.');
  const request = {
    email,
    grantNanos: checkGrant(options.grant ?? '0').toString(),
    force: options.force ?? false,
  };
  const reply = await withHub(readConfig(), (commands) => commands.bootstrap(request));
  if (options.json) return `${JSON.stringify(reply)}\n`;
  return `Operator   ${reply.email}
Workspace  ${reply.workspaceId}
Balance    $${formatUsd(BigInt(request.grantNanos))}
Base URL   ${reply.baseUrl}
Live key   ${reply.liveKey}
Test key   ${reply.testKey}

The keys are shown this once. \`inferencehub link\` prints a link to sign in with.
`;
}

async function runLink(args: readonly string[]): Promise<string> {
  const options = readOptions(args);
  const email = checkEmail(options.email);
  const reply = await withHub(readConfig(), (commands) => commands.link({ email }));
  return options.json ? `${JSON.stringify(reply)}\n` : `${reply.url}\n`;
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        email: { type: 'string' },
        grant: { type: 'string' },
        force: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n', 1)[0]);
  }
}

function checkEmail(text: string | undefined): string | undefined {
  if (text === undefined || z.email().max(254).safeParse(text).success) return text;
  throw new UsageError('--email must be an email address.');
}

function checkGrant(text: string): bigint {
  try {
    const amount = parseUsd(text);
    if (amount >= 0n && amount <= MOST_GRANT_NANOS) return amount;
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
  }
  throw new UsageError('--grant must be dollars from 0 to 9999999, with at most nine decimals.');
}

function describeSettings(env: Readonly<Record<string, string | undefined>>): string {
  const rows = SETTINGS.map(({ name, defaultText, secret, about }) => {
    const given = env[name]?.trim() ?? '';
    if (secret) return [name, given === '' ? '(not set)' : '(set)', about];
    return [name, given || defaultText || '(empty)', about];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(([name = '', value = '', about = '']) =>
    [name.padEnd(widths[0] ?? 0), value.padEnd(widths[1] ?? 0), about].join('  '),
  );
  const fault = findFault(env);
  return `${[...lines, ...(fault === undefined ? [] : ['', fault])].join('\n')}\n`;
}

function findFault(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    readConfig(env);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
