// The Response object, as it stands in the first and last events of a stream and as a whole reply.
// All of its fields are always there, null where there is nothing to say: some clients check it by
// a strict schema.

import type { JsonObject } from '../../base/json.ts';
import { settingsOf } from './echo.ts';

export interface Identity {
  readonly id: string;
  readonly model: string;
  readonly createdSeconds: number;
  readonly echo?: JsonObject | undefined;
}

export interface Standing {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly JsonObject[];
  readonly usage?: JsonObject | undefined;
  readonly serviceTier?: string | undefined;
  readonly error?: JsonObject;
  /** Why it is incomplete. */
  readonly reason?: 'max_output_tokens' | 'content_filter';
}

export function writeResponse(identity: Identity, standing: Standing): JsonObject {
  const { status, reason } = standing;
  return {
    id: identity.id,
    object: 'response',
    created_at: identity.createdSeconds,
    status,
    background: false,
    // The hub's clock at the start; nothing here is told the time of the end.
    completed_at: status === 'completed' ? identity.createdSeconds : null,
    error: standing.error ?? null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: null,
    model: identity.model,
    output: [...standing.output],
    previous_response_id: null,
    store: false,
    tools: [],
    frequency_penalty: 0,
    presence_penalty: 0,
    service_tier: standing.serviceTier ?? 'default',
    usage: standing.usage ?? null,
    ...settingsOf(identity.echo),
  };
}
