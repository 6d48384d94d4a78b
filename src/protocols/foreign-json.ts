// Writes a foreign value back as JSON text. JSON.stringify recurses, so a value nested thousands of
// levels deep exhausts the stack; a decoder must outlive that, for it meters what others send.

import type { JsonValue } from '../base/json.ts';

/** The JSON text, or the empty string where the value is nested too deeply to be written. */
export function writeForeignJson(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
