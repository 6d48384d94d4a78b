// How Chat Completions tells of an error after its stream has begun: an event without a name.

import type { HubError } from '../../base/errors.ts';
import { formatSse } from '../../base/sse.ts';
import { encodeError } from '../openai-errors.ts';

export function encodeErrorEvent(error: HubError): string {
  return formatSse(JSON.stringify(encodeError(error).body));
}
