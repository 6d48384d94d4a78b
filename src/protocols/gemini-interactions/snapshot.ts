// The interaction itself, as it stands in the first and last events of a stream and as a whole reply.

import type { JsonObject } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { present } from '../fields.ts';
import type { AnswerContext } from '../protocol.ts';
import { writeUsage } from './usage.ts';

export function idOf({ requestId }: AnswerContext): string {
  return `v1_${requestId}`;
}

export function openInteraction(context: AnswerContext): JsonObject {
  const { model } = context;
  return { id: idOf(context), status: 'in_progress', object: 'interaction', model };
}

/** `ending`: the fields that tell the end, and the steps where they are not told otherwise. */
export function closeInteraction(
  context: AnswerContext,
  ending: JsonObject,
  usage: ReportedUsage | undefined,
): JsonObject {
  const moment = new Date(context.createdSeconds * 1_000).toISOString().replace('.000Z', 'Z');
  return {
    ...openInteraction(context),
    ...ending,
    ...present({ usage: writeUsage(usage) }),
    created: moment,
    // The hub's clock at the start; nothing here is told the time of the end.
    updated: moment,
    service_tier: usage?.serviceTier ?? 'standard',
  };
}
