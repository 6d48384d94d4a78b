// The fields of a body by which a caller says how its request is to be routed. They are the hub's own:
// what protocols read and what providers get is the body without them.

import type { JsonObject } from '../base/json.ts';
import type { BodyEdit } from '../protocols/protocol.ts';
import { ROUTING_FIELDS, hasRoutingFields } from '../routing/preferences.ts';
import type { Body } from './body.ts';

const REMOVALS: readonly BodyEdit[] = ROUTING_FIELDS.map((key) => ({ key, json: undefined }));

/** The same body where it has no such fields. */
export function withoutRouting(body: Body): Body {
  if (!hasRoutingFields(body.json)) return body;
  return {
    ...body,
    json: omitRouting(body.json),
    whole: () => omitRouting(body.whole()),
    edit: (edits) => body.edit((json) => [...edits(omitRouting(json)), ...REMOVALS]),
  };
}

function omitRouting(json: JsonObject): JsonObject {
  const { provider: _provider, models: _models, route: _route, ...rest } = json;
  return rest;
}
