// The hub's API as functions, one for each route. A failure is one error that says whether the
// machine is offline, the hub could not be reached, or the hub refused and why.

import type {
  ActivityReply,
  BalanceReply,
  BudgetsReply,
  ErrorReply,
  GrantRequest,
  ModelsReply,
  ReceiptReply,
  SessionReply,
  SetBudgetRequest,
  SignInLinkRequest,
  Span,
  WelcomeRequest,
} from '../../src/console/contract.ts';
import type { SignInRequest } from '../../src/console/contract-sign-up.ts';
import { proveAgain } from './reauthentication.ts';

export type Book = GrantRequest['book'];

/** A call that failed. `status` is 0 when no answer came; `code` is the hub's when it refused. */
export class ApiFailure extends Error {
  /** `cancelled`: the hub asked who it is, and the person did not want to say. */
  readonly kind: 'offline' | 'unreachable' | 'refused' | 'cancelled';
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly requestId: string | null;

  constructor(kind: ApiFailure['kind'], status: number, refusal: Partial<ErrorReply['error']>) {
    super(refusal.message ?? WORDS[kind]);
    this.name = 'ApiFailure';
    this.kind = kind;
    this.status = status;
    this.code = refusal.code ?? kind;
    this.param = refusal.param ?? null;
    this.requestId = refusal.requestId ?? null;
  }
}

const WORDS = {
  offline: 'This computer is offline. The page catches up when the connection is back.',
  unreachable: 'The hub does not answer. It may be restarting.',
  refused: 'The hub gave an answer that this page cannot read.',
  cancelled: 'This needs a proof that it is you.',
};

export const getSession = () => call<SessionReply>('GET', '/session');
export const welcome = (body: WelcomeRequest) => call<SessionReply>('POST', '/welcome', body);
export const signIn = (body: SignInRequest) => call<SessionReply>('POST', '/sign-in', body);
export const signInByLink = (body: SignInLinkRequest) =>
  call<SessionReply>('POST', '/sign-in/link', body);
export const signOut = () => call<void>('POST', '/sign-out');
export const getModels = () => call<ModelsReply>('GET', '/models');
export const getBalance = (workspaceId: string) =>
  call<BalanceReply>('GET', `${workspacePath(workspaceId)}/balance`);
export const grant = (workspaceId: string, body: GrantRequest) =>
  call<BalanceReply>('POST', `${workspacePath(workspaceId)}/grants`, body);
export const getReceipt = (workspaceId: string, requestId: string) =>
  call<ReceiptReply>(
    'GET',
    `${workspacePath(workspaceId)}/receipts/${encodeURIComponent(requestId)}`,
  );

/** Whose budget: a key's, or a member's with all live keys that they made. */
export interface BudgetOwner {
  readonly room: 'keys' | 'members';
  readonly id: string;
}

export const setBudget = (
  workspaceId: string,
  owner: BudgetOwner,
  span: Span,
  body: SetBudgetRequest,
) => call<BudgetsReply>('PUT', budgetPath(workspaceId, owner, span), body);
export const removeBudget = (workspaceId: string, owner: BudgetOwner, span: Span) =>
  call<void>('DELETE', budgetPath(workspaceId, owner, span));

export interface ActivityPage {
  readonly book?: Book;
  readonly before?: string;
  readonly limit: number;
}

export function getActivity(workspaceId: string, page: ActivityPage): Promise<ActivityReply> {
  const query = new URLSearchParams({ limit: String(page.limit) });
  if (page.book) query.set('book', page.book);
  if (page.before) query.set('before', page.before);
  return call('GET', `${workspacePath(workspaceId)}/activity?${query}`);
}

/** Where the server-sent events of a workspace come from. */
export function eventsUrl(workspaceId: string): string {
  return `/api/v1${workspacePath(workspaceId)}/events`;
}

export function workspacePath(workspaceId: string): string {
  return `/workspaces/${encodeURIComponent(workspaceId)}`;
}

function budgetPath(workspaceId: string, { room, id }: BudgetOwner, span: Span): string {
  return `${workspacePath(workspaceId)}/${room}/${encodeURIComponent(id)}/budgets/${span}`;
}

/**
 * Sends one request; throws an `ApiFailure`. Where the hub wants a recent proof of who it is, the
 * person is asked for one, and the request is sent again.
 */
export async function call<Reply>(method: string, path: string, body?: object): Promise<Reply> {
  try {
    return await send<Reply>(method, path, body);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== 'reauthentication_required') throw error;
    if (!(await proveAgain())) throw new ApiFailure('cancelled', error.status, {});
    return send<Reply>(method, path, body);
  }
}

async function send<Reply>(method: string, path: string, body?: object): Promise<Reply> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      ...(body && { body: JSON.stringify(body) }),
      credentials: 'same-origin',
    });
  } catch {
    throw new ApiFailure(navigator.onLine ? 'unreachable' : 'offline', 0, {});
  }
  if (response.status === 204) return undefined as Reply;
  const reply: unknown = await response.json().catch(() => null);
  if (response.ok && reply !== null) return reply as Reply;
  throw new ApiFailure('refused', response.status, (reply as ErrorReply | null)?.error ?? {});
}
