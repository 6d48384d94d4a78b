// Back from Google. What the session asked is used up first, whatever comes of it; then the browser's
// state is compared, the code exchanged, and the purpose served. The browser is always sent on to a
// page of the hub's own: where it was going, or one that says what failed.

import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import { inTransaction, isRefusal } from '../db/database.ts';
import {
  type GoogleRefusal,
  enterByGoogle,
  findPersonByGoogle,
  linkGoogle,
} from '../identity/google-accounts.ts';
import { type GoogleClaims, type GoogleClient, reasonOf } from '../identity/google-client.ts';
import type { Person } from '../identity/people.ts';
import { tellChange } from '../identity/second-factor.ts';
import { type FlowPurpose, type TakenFlow, takeFlow } from '../identity/session-flows.ts';
import { hashToken } from '../identity/tokens.ts';
import { findSignedIn } from './access.ts';
import type { GoogleFailure } from './contract-sign-up.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { findHeldSession } from './held-session.ts';
import { withField } from './own-path.ts';
import { proveAgain, signIn } from './signing-in.ts';

const SIGN_IN_PATH = '/sign-in';

/** What the operator registers at Google, so it has the canonical address and no other. */
export function callbackUrl(deps: ConsoleDeps): string {
  return `${deps.publicUrl()}/api/v1/google/callback`;
}

/** Where a failure leads: to the page that the person came from. */
export function failurePath(purpose: FlowPurpose, returnPath: string, code: GoogleFailure): string {
  const isInAccount = purpose === 'link' || purpose === 'reauthenticate';
  return withField(isInAccount ? returnPath : SIGN_IN_PATH, 'failed', code);
}

export function addGoogleCallback(
  app: ConsoleApp,
  deps: ConsoleDeps,
  google: GoogleClient | undefined,
): void {
  app.get('/google/callback', async (request, reply) => {
    const path = google ? await comeBack(deps, google, request, reply) : FAILED_PATH;
    return reply.redirect(deps.publicUrl() + path, 303);
  });
}

const FAILED_PATH = failurePath('sign_in', '/', 'google_failed');

/** The path to go on to. */
async function comeBack(
  deps: ConsoleDeps,
  google: GoogleClient,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const session = await findHeldSession(deps, request);
  const wallMs = deps.clock.wallMs();
  const flow = session && (await takeFlow(deps.database.sql, session.id, 'google', wallMs));
  if (!flow?.google) return FAILED_PATH;
  const { returnPath } = flow.google;
  const fail = (code: GoogleFailure): string => failurePath(flow.purpose, returnPath, code);
  const query = new URL(request.url, deps.publicUrl()).searchParams;
  const state = query.get('state') ?? '';
  if (!timingSafeEqual(hashToken(state), flow.google.stateHash)) return fail('google_failed');
  if (query.get('error') === 'access_denied') return fail('google_cancelled');
  const claims = await exchange(deps, google, flow, query);
  if (!claims) return fail('google_failed');
  const outcome = await serve({ deps, request, reply, flow, claims });
  return 'failed' in outcome ? fail(outcome.failed) : (outcome.path ?? returnPath);
}

/** Who it is by Google's word; undefined where that is worth nothing. */
async function exchange(
  deps: ConsoleDeps,
  google: GoogleClient,
  { purpose, secret, startedMs, google: asked }: TakenFlow,
  query: URLSearchParams,
): Promise<GoogleClaims | undefined> {
  try {
    return await google.exchange({
      url: new URL(`${callbackUrl(deps)}?${query.toString()}`),
      state: query.get('state') ?? '',
      nonce: asked?.nonce ?? '',
      verifier: secret,
      signedInSinceMs: purpose === 'reauthenticate' ? startedMs : undefined,
    });
  } catch (error) {
    deps.log.warn('google_refused', { code: reasonOf(error) });
    return undefined;
  }
}

interface Back {
  readonly deps: ConsoleDeps;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly flow: TakenFlow;
  readonly claims: GoogleClaims;
}

/** Without a path the browser goes where it was going. */
type Outcome = { readonly failed: GoogleFailure } | { readonly path?: string };

function serve(back: Back): Promise<Outcome> {
  if (back.flow.purpose === 'link') return link(back);
  if (back.flow.purpose === 'reauthenticate') return reauthenticate(back);
  return enter(back);
}

/** Signs in, by whom Google's subject is known or who signs up with it. */
async function enter({ deps, request, reply, flow, claims }: Back): Promise<Outcome> {
  const entered = await findOrOpen(deps, flow, claims);
  if (typeof entered === 'string') return { failed: entered };
  const { secondFactor } = await signIn(deps, request, reply, entered, 'one');
  if (secondFactor === null) return {};
  return { path: withField(SIGN_IN_PATH, 'back', flow.google?.returnPath ?? '/') };
}

async function findOrOpen(
  { database, clock }: ConsoleDeps,
  { consent }: TakenFlow,
  claims: GoogleClaims,
): Promise<Person | GoogleRefusal> {
  const attempt = () =>
    inTransaction(database.sql, (tx) => enterByGoogle(tx, claims, consent, clock.wallMs()));
  try {
    // What was in the way the first time (somebody signed up at the same moment) is seen the second.
    return await attempt().catch((error: unknown) => {
      if (isRefusal(error) || isCallersFault(error)) return attempt();
      throw error;
    });
  } catch (error) {
    // An address that can be none here.
    if (isCallersFault(error)) return 'google_failed';
    throw error;
  }
}

async function link({ deps, request, claims }: Back): Promise<Outcome> {
  const session = await findSignedIn(deps, request);
  if (!session) return { failed: 'google_failed' };
  const wallMs = deps.clock.wallMs();
  const isLinked = await inTransaction(deps.database.sql, async (tx) => {
    const done = await linkGoogle(tx, claims, session.person.id, wallMs);
    if (done) await tellChange(tx, session.person, 'google_linked', wallMs);
    return done;
  });
  return isLinked ? {} : { failed: 'google_linked_elsewhere' };
}

async function reauthenticate({ deps, request, reply, claims }: Back): Promise<Outcome> {
  const session = await findSignedIn(deps, request);
  const person = await findPersonByGoogle(deps.database.sql, claims);
  if (!session || person?.id !== session.person.id) return { failed: 'google_failed' };
  await proveAgain(deps, reply, session.id);
  return {};
}

function isCallersFault(error: unknown): boolean {
  return error instanceof HubError && error.kind.owner === 'caller';
}
