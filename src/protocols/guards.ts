// Fields that must never pass, on any way: those that would change what a request costs without
// the price list knowing, and those by which some upstream stacks let a body choose its own target
// or credentials. Only top-level names are judged; the same words inside a tool's schema are legal.

import type { JsonObject, JsonValue } from '../base/json.ts';
import { invalid, isSet, unpriced } from './fields.ts';

const SMUGGLED = Object.freeze([
  'api_base',
  'base_url',
  'api_key',
  'extra_headers',
  'extra_body',
  'extra_query',
]);

/** The names of the tier that is billed at the list price itself, in requests and in answers. */
const STANDARD_TIERS: ReadonlySet<string> = new Set([
  'default',
  'standard',
  'standard_only',
  'on_demand',
  'unspecified',
]);

const TIER_NAME = /^[a-z_]{1,20}$/;

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

/** The service tier that a request asks for, where it is not the standard one. */
export function readServiceTier(body: JsonObject, key = 'service_tier'): string | undefined {
  const tier = body[key];
  if (!isSet(tier)) return undefined;
  if (typeof tier !== 'string' || !TIER_NAME.test(tier)) throw unpriced(key);
  return STANDARD_TIERS.has(tier) ? undefined : tier;
}

/** Refuses every service tier but the standard one, where tiers have no prices at all. */
export function refuseUnpricedTier(body: JsonObject): void {
  const tier = readServiceTier(body);
  if (tier !== undefined && tier !== 'auto') throw unpriced('service_tier');
}

/** The service tier that an answer names, where it is not the standard one. */
export function servedTier(tier: JsonValue | undefined): string | undefined {
  if (typeof tier !== 'string' || tier === 'auto' || STANDARD_TIERS.has(tier)) return undefined;
  // A name that no price can have: it has none.
  return TIER_NAME.test(tier) ? tier : 'unknown';
}
