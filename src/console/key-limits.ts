// The limits of a key as a request names them: checked against what there is, so that a key is never
// limited to something that was only mistyped. And as a reply shows them.

import { HubError } from '../base/errors.ts';
import { parseIpRange } from '../base/ip.ts';
import type { KeyLimits } from '../keys/limits.ts';
import type { ChangeKeyRequest, Key } from './contract-keys.ts';
import type { ConsoleDeps } from './deps.ts';

type Asked = Omit<ChangeKeyRequest, 'name' | 'disabled'>;

/** What is absent stays absent. Throws `invalid_request` with the field that is wrong. */
export function readLimits(asked: Asked, { nameable, clock }: ConsoleDeps): Partial<KeyLimits> {
  const { scopes, models, providers, ipRanges, expiresAt } = asked;
  const { requestsPerMinute, tokensPerMinute, concurrency } = asked;
  refuseUnknown('models', models, nameable.isModel, 'is no model of this hub.');
  refuseUnknown('providers', providers, nameable.isProvider, 'is no provider of this hub.');
  const isRange = (text: string): boolean => parseIpRange(text) !== undefined;
  refuseUnknown('ipRanges', ipRanges, isRange, 'is no address and no CIDR range.');
  const expiry = typeof expiresAt === 'string' ? new Date(expiresAt) : expiresAt;
  if (expiry && expiry.getTime() <= clock.wallMs()) {
    const message = 'A key must expire in the future.';
    throw new HubError('invalid_request', { param: 'expiresAt', message });
  }
  return {
    ...(scopes && { scopes: distinct(scopes) }),
    ...(models !== undefined && { models: models && distinct(models) }),
    ...(providers !== undefined && { providers: providers && distinct(providers) }),
    ...(ipRanges !== undefined && { ipRanges: ipRanges && distinct(ipRanges) }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
    ...(expiry !== undefined && { expiresAt: expiry }),
  };
}

function refuseUnknown(
  field: 'models' | 'providers' | 'ipRanges',
  named: readonly string[] | null | undefined,
  isKnown: (name: string) => boolean,
  fault: string,
): void {
  const at = (named ?? []).findIndex((name) => !isKnown(name));
  if (at < 0) return;
  const param = `${field}[${at}]`;
  throw new HubError('invalid_request', { param, message: `\`${param}\` ${fault}` });
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

export function describeLimits(limits: KeyLimits): Pick<Key, keyof KeyLimits> {
  const { scopes, models, providers, ipRanges, expiresAt, ...rest } = limits;
  return {
    scopes: [...scopes],
    models: models && [...models],
    providers: providers && [...providers],
    ipRanges: ipRanges && [...ipRanges],
    expiresAt: expiresAt?.toISOString() ?? null,
    ...rest,
  };
}
