// How the command line talks to a running hub, which alone may touch its embedded database: a
// listener on loopback, found through a file that only the hub's own user can read, and a token in
// it without which nothing is answered.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ERRORS, HubError, type ErrorCode, toHubError } from '../base/errors.ts';
import { isObject, parseJson, stringOf } from '../base/json.ts';
import type { BootstrapRequest, HubCommands, LinkRequest } from './commands.ts';
import { readText, writePrivateFile } from './data-dir.ts';
import type {
  MarkupRequest,
  PricesRequest,
  ProposalDecision,
  ShowPricesRequest,
} from './price-commands.ts';

interface ControlFile {
  readonly port: number;
  readonly token: string;
  readonly pid: number;
  readonly baseUrl: string;
}

/** A price list of every model there is. */
const MOST_BODY_BYTES = 8 * 1024 * 1024;
const ANSWER_TIMEOUT_MS = 30_000;

/** Serves the commands to this machine's command line until closed. */
export async function startControl(options: {
  readonly dataDir: string;
  readonly baseUrl: string;
  readonly commands: HubCommands;
}): Promise<{ close(): Promise<void> }> {
  const { dataDir, baseUrl, commands } = options;
  const token = randomBytes(32).toString('base64url');
  const server = createServer((incoming, response) => {
    void answer(incoming, response, token, commands);
  });
  // Its own port, also where the hub's is shared by several workers.
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const file: ControlFile = { port, token, pid: process.pid, baseUrl };
  const path = controlPath(dataDir);
  writePrivateFile(path, `${JSON.stringify(file)}\n`);
  return {
    async close() {
      rmSync(path, { force: true });
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface RunningHub {
  readonly baseUrl: string;
  readonly commands: HubCommands;
}

/** The hub that runs on this data folder, or undefined when none answers. */
export async function findRunningHub(dataDir: string): Promise<RunningHub | undefined> {
  const file = parseControlFile(readText(controlPath(dataDir)) ?? '');
  if (!file) return undefined;
  const isAlive = await call(file, '/ping', {}).then(
    () => true,
    () => false,
  );
  if (!isAlive) return undefined;
  const commands: HubCommands = {
    bootstrap: (body) => call(file, '/bootstrap', body) as ReturnType<HubCommands['bootstrap']>,
    link: (body) => call(file, '/link', body) as ReturnType<HubCommands['link']>,
    checkPrices: (body) =>
      call(file, '/prices/check', body) as ReturnType<HubCommands['checkPrices']>,
    publishPrices: (body) =>
      call(file, '/prices/publish', body) as ReturnType<HubCommands['publishPrices']>,
    showPrices: (body) => call(file, '/prices/show', body) as ReturnType<HubCommands['showPrices']>,
    setMarkup: (body) => call(file, '/markups/set', body) as ReturnType<HubCommands['setMarkup']>,
    proposePrices: (body) =>
      call(file, '/prices/propose', body) as ReturnType<HubCommands['proposePrices']>,
    showProposals: () =>
      call(file, '/prices/proposals', {}) as ReturnType<HubCommands['showProposals']>,
    decideProposal: (body) =>
      call(file, '/prices/decide', body) as ReturnType<HubCommands['decideProposal']>,
    showMarkups: () => call(file, '/markups/show', {}) as ReturnType<HubCommands['showMarkups']>,
  };
  return { baseUrl: file.baseUrl, commands };
}

function controlPath(dataDir: string): string {
  return join(dataDir, 'control.json');
}

function parseControlFile(text: string): ControlFile | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { port, token, pid, baseUrl } = value;
  if (typeof port !== 'number' || typeof pid !== 'number') return undefined;
  if (typeof token !== 'string' || typeof baseUrl !== 'string') return undefined;
  return { port, token, pid, baseUrl };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  token: string,
  commands: HubCommands,
): Promise<void> {
  try {
    if (!hasToken(incoming, token)) throw new HubError('authentication_failed');
    const result = await run(commands, incoming.url ?? '', await readBody(incoming));
    send(response, 200, result);
  } catch (thrown) {
    const { code, message, kind } = toHubError(thrown);
    send(response, kind.status, { error: { code, message } });
  }
}

/** The bodies come from this very program, behind the token; they are not checked again. */
async function run(commands: HubCommands, url: string, body: unknown): Promise<unknown> {
  if (url === '/ping') return {};
  if (url === '/bootstrap') return commands.bootstrap(body as BootstrapRequest);
  if (url === '/link') return commands.link(body as LinkRequest);
  if (url === '/prices/check') return commands.checkPrices(body as PricesRequest);
  if (url === '/prices/publish') return commands.publishPrices(body as PricesRequest);
  if (url === '/prices/show') return commands.showPrices(body as ShowPricesRequest);
  if (url === '/prices/propose') return commands.proposePrices(body as { feed: unknown });
  if (url === '/prices/proposals') return commands.showProposals();
  if (url === '/prices/decide') return commands.decideProposal(body as ProposalDecision);
  if (url === '/markups/set') return commands.setMarkup(body as MarkupRequest);
  if (url === '/markups/show') return commands.showMarkups();
  throw new HubError('not_found');
}

/** Hashed first, so that the comparison takes the same time for every length. */
function hasToken(incoming: IncomingMessage, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(incoming.headers.authorization ?? ''), digest(`Bearer ${token}`));
}

async function readBody(incoming: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) throw new HubError('body_too_large');
    chunks.push(chunk);
  }
  const body = parseJson(Buffer.concat(chunks).toString('utf8'));
  if (body === undefined) throw new HubError('invalid_json');
  return body;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}

/** Asks the hub; its refusals come back as the HubError that it threw. */
async function call(file: ControlFile, path: string, body: object): Promise<unknown> {
  const outgoing = request({
    host: '127.0.0.1',
    port: file.port,
    path,
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${file.token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  outgoing.end(JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const reply = await readBody(response);
  if (response.statusCode === 200) return reply;
  const error = isObject(reply) && isObject(reply['error']) ? reply['error'] : {};
  const code = stringOf(error['code']) ?? '';
  if (!Object.hasOwn(ERRORS, code)) throw new Error('The running hub gave no sensible answer.');
  throw new HubError(code as ErrorCode, { message: stringOf(error['message']) });
}
