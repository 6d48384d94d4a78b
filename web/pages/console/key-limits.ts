// What a key may do and how much, as a form holds it and as a table says it. Texts are what somebody
// types; an empty one is no limit.

import type { ChangeKeyRequest, Key, KeyScope } from '../../../src/console/contract-keys.ts';
import { exactCount } from '../../parts/counts.ts';

export type Limits = Omit<ChangeKeyRequest, 'name' | 'disabled'>;

export interface LimitFields {
  readonly scopes: readonly KeyScope[];
  readonly models: readonly string[];
  readonly providers: readonly string[];
  readonly requestsPerMinute: string;
  readonly tokensPerMinute: string;
  readonly concurrency: string;
  /** One a line. */
  readonly ipRanges: string;
  /** `2027-01-31T18:00` in the reader's own time. */
  readonly expiresAt: string;
}

export const NO_LIMITS: LimitFields = Object.freeze({
  scopes: ['inference'],
  models: [],
  providers: [],
  requestsPerMinute: '',
  tokensPerMinute: '',
  concurrency: '',
  ipRanges: '',
  expiresAt: '',
} as const);

export const SCOPES: readonly {
  readonly id: KeyScope;
  readonly name: string;
  readonly what: string;
}[] = Object.freeze([
  { id: 'inference', name: 'Inference', what: 'Ask models, and pay from the balance for it.' },
  { id: 'usage', name: 'Usage', what: 'Read requests, receipts, members and the balance.' },
  { id: 'keys', name: 'Keys', what: 'Make, change and revoke keys of the workspace.' },
]);

/** The most that the hub takes. */
export const MOST = Object.freeze({
  requestsPerMinute: 1_000_000,
  tokensPerMinute: 1_000_000_000,
  concurrency: 100_000,
});

export function fieldsOf(key: Key): LimitFields {
  return {
    scopes: key.scopes,
    models: key.models ?? [],
    providers: key.providers ?? [],
    requestsPerMinute: key.requestsPerMinute?.toString() ?? '',
    tokensPerMinute: key.tokensPerMinute?.toString() ?? '',
    concurrency: key.concurrency?.toString() ?? '',
    ipRanges: key.ipRanges?.join('\n') ?? '',
    expiresAt: key.expiresAt === null ? '' : localMinute(key.expiresAt),
  };
}

/** What of the fields differs from what was there; all that is limited for a new key. */
export function changedLimits(fields: LimitFields, before: LimitFields = NO_LIMITS): Limits {
  const now = limitsOf(fields);
  const names = Object.keys(now) as (keyof LimitFields & keyof Limits)[];
  const changed = names.filter(
    (name) => JSON.stringify(fields[name]) !== JSON.stringify(before[name]),
  );
  return Object.fromEntries(changed.map((name) => [name, now[name]]));
}

function limitsOf(fields: LimitFields): Limits {
  const ranges = fields.ipRanges.split(/[\s,]+/).filter(Boolean);
  return {
    scopes: [...fields.scopes],
    models: fields.models.length > 0 ? [...fields.models] : null,
    providers: fields.providers.length > 0 ? [...fields.providers] : null,
    requestsPerMinute: numberOf(fields.requestsPerMinute),
    tokensPerMinute: numberOf(fields.tokensPerMinute),
    concurrency: numberOf(fields.concurrency),
    ipRanges: ranges.length > 0 ? ranges : null,
    expiresAt: fields.expiresAt === '' ? null : new Date(fields.expiresAt).toISOString(),
  };
}

/** Whether the hub could take the fields; the ranges are judged by the hub alone. */
export function areLimits(fields: LimitFields): boolean {
  const names = ['requestsPerMinute', 'tokensPerMinute', 'concurrency'] as const;
  return fields.scopes.length > 0 && names.every((name) => isCount(fields[name], MOST[name]));
}

/** Nothing, or a whole number from 1 to the most. */
export function isCount(text: string, most: number): boolean {
  return text === '' || (/^[1-9]\d*$/.test(text) && Number(text) <= most);
}

/** The limits of a key in a few words each; none for a key that may ask every model at any rate. */
export function limitWords(key: Key): string[] {
  const { models, providers, requestsPerMinute, tokensPerMinute, concurrency, ipRanges } = key;
  const isUsual = key.scopes.length === 1 && key.scopes[0] === 'inference';
  return [
    ...(isUsual ? [] : [`for ${key.scopes.join(', ')}`]),
    ...(models ? [named(models, 'model')] : []),
    ...(providers ? [named(providers, 'provider')] : []),
    ...(requestsPerMinute === null ? [] : [counted(requestsPerMinute, 'request', ' a minute')]),
    ...(tokensPerMinute === null ? [] : [counted(tokensPerMinute, 'token', ' a minute')]),
    ...(concurrency === null ? [] : [`${exactCount(concurrency)} at once`]),
    ...(ipRanges ? [named(ipRanges, 'IP range')] : []),
  ];
}

/** The name of a single one, the number of several. */
function named(names: readonly string[], what: string): string {
  return names.length === 1 ? (names[0] ?? '') : counted(names.length, what);
}

function counted(count: number, what: string, per = ''): string {
  return `${exactCount(count)} ${what}${count === 1 ? '' : 's'}${per}`;
}

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text);
}

function localMinute(iso: string): string {
  const time = new Date(iso);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}
