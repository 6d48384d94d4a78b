// Fields that must never pass, on any way: those that would change what a request costs without
// the price list knowing, and those by which some upstream stacks let a body choose its own target
// or credentials. Only top-level names are judged; the same words inside a tool's schema are legal.

import type { JsonObject } from '../base/json.ts';
import { invalid, isSet, unpriced } from './fields.ts';

const SMUGGLED = Object.freeze([
  'api_base',
  'base_url',
  'api_key',
  'extra_headers',
  'extra_body',
  'extra_query',
]);

const PRICED_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'standard_only']);

/** Refuses fields that name another target or other credentials. */
export function refuseSmuggling(body: JsonObject): void {
  for (const key of SMUGGLED) {
    if (Object.hasOwn(body, key)) throw invalid(key, `\`${key}\` is not a field of this API.`);
  }
}

/** Refuses every set field of the list: each costs something that has no price here. */
export function refuseUnpricedFields(body: JsonObject, fields: readonly string[]): void {
  for (const key of fields) {
    const value = body[key];
    const isEmptyList = Array.isArray(value) && value.length === 0;
    if (isSet(value) && value !== false && !isEmptyList) throw unpriced(key);
  }
}

/** Accepts the service tiers that are billed at the list price, refuses all others. */
export function refuseUnpricedTier(body: JsonObject): void {
  const tier = body['service_tier'];
  if (!isSet(tier)) return;
  if (typeof tier !== 'string' || !PRICED_TIERS.has(tier)) throw unpriced('service_tier');
}
