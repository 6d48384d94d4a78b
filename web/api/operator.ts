// The operator's part of the hub's API, and what its pages read as cached queries.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { MailReply, MailsReply } from '../../src/console/contract-mail.ts';
import type {
  Charge,
  InvoiceRequest,
  NoticesReply,
  PriceDecisionReply,
  PriceDecisionRequest,
  PriceProposalsReply,
  ReconciliationReply,
  RefundRequest,
  RetryReply,
  ReviewRequest,
  ReviewsReply,
  RunReply,
} from '../../src/console/contract-operator.ts';
import { call } from './client.ts';

const LOOK_AGAIN_MS = 10_000;
const NOTICE_MS = 60_000;

export const runReconciliation = () => call<RunReply>('POST', '/operator/reconciliation/runs', {});
export const retryJournal = () => call<RetryReply>('POST', '/operator/journal/retries', {});
export const enterInvoice = (body: InvoiceRequest) =>
  call<void>('POST', '/operator/invoices', body);
export const decideReview = (requestId: string, body: ReviewRequest) =>
  call<Charge>('POST', `/operator/reviews/${encodeURIComponent(requestId)}`, body);
export const refundCharge = (requestId: string, body: RefundRequest) =>
  call<Charge>('POST', `${chargePath(requestId)}/refunds`, body);

export const decideProposal = (id: string, body: PriceDecisionRequest) =>
  call<PriceDecisionReply>('POST', `/operator/price-proposals/${encodeURIComponent(id)}`, body);

export const retryMail = (id: string) => call<void>('POST', `${mailPath(id)}/retry`, {});

/** Everything below belongs to this key, so that signing out drops it all. */
const ROOM = 'operator';

export const reconciliationQuery = queryOptions({
  queryKey: [ROOM, 'reconciliation'],
  queryFn: () => call<ReconciliationReply>('GET', '/operator/reconciliation'),
  refetchInterval: LOOK_AGAIN_MS,
});

export const noticesQuery = queryOptions({
  queryKey: [ROOM, 'notices'],
  queryFn: () => call<NoticesReply>('GET', '/operator/notices'),
  refetchInterval: NOTICE_MS,
});

export const reviewsQuery = queryOptions({
  queryKey: [ROOM, 'reviews'],
  queryFn: () => call<ReviewsReply>('GET', '/operator/reviews'),
});

export const proposalsQuery = queryOptions({
  queryKey: [ROOM, 'price-proposals'],
  queryFn: () => call<PriceProposalsReply>('GET', '/operator/price-proposals'),
});

export const mailsQuery = infiniteQueryOptions({
  queryKey: [ROOM, 'mails'],
  queryFn: ({ pageParam }) =>
    call<MailsReply>('GET', `/operator/mails${pageParam === null ? '' : `?before=${pageParam}`}`),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  refetchInterval: LOOK_AGAIN_MS,
});

export const mailQuery = (id: string) =>
  queryOptions({
    queryKey: [ROOM, 'mail', id],
    queryFn: () => call<MailReply>('GET', mailPath(id)),
  });

export const chargeQuery = (requestId: string) =>
  queryOptions({
    queryKey: [ROOM, 'charge', requestId],
    queryFn: () => call<Charge>('GET', chargePath(requestId)),
  });

function chargePath(requestId: string): string {
  return `/operator/charges/${encodeURIComponent(requestId)}`;
}

function mailPath(id: string): string {
  return `/operator/mails/${encodeURIComponent(id)}`;
}
