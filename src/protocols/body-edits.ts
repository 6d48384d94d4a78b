// Makes the edits of a body that otherwise passes as it came. JSON.stringify recurses, so a value
// that a client nested thousands of levels deep is refused before it is written.

import type { JsonValue } from '../base/json.ts';
import { refuseDeepNesting } from './fields.ts';
import type { BodyEdit } from './protocol.ts';

/** Throws `invalid_request` for a value nested too deeply. */
export function editKey(key: string, value: JsonValue): BodyEdit {
  refuseDeepNesting(value);
  return { key, json: JSON.stringify(value) };
}
