// The ways of answers that are no conversations, which always pass through: replies that come whole
// and are read for their usage, and bytes that go on as they come. Of these the very last one is
// held back until the record is on disk.

import { HubError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import type { DirectProtocol, RequestFacts } from '../protocols/protocol.ts';
import type { Meter } from './meter.ts';
import { type Way, gatherWhole } from './way.ts';

export interface DirectWayOptions {
  readonly protocol: DirectProtocol;
  readonly facts: RequestFacts;
  /** The provider's. */
  readonly contentType: string;
  readonly meter: Meter;
}

/** Anything else under status 200 is a proxy's page or an error, not an answer. */
const BYTES = /^(audio\/|application\/octet-stream|$)/i;
const TEXT = /^(text\/(plain|vtt)|application\/x-subrip)\b/i;
const JSON_TYPE = /^application\/([a-z.-]+\+)?json\b/i;

export function passDirect(options: DirectWayOptions): Way {
  const flows = options.protocol.answer === 'flowing' && BYTES.test(options.contentType);
  return flows ? passFlow(options) : passReply(options);
}

function passReply({ protocol, facts, contentType, meter }: DirectWayOptions): Way {
  const body = gatherWhole();
  return {
    contentType,
    push: body.push,
    end() {
      const bytes = body.take();
      const json = JSON_TYPE.test(contentType) ? parseJson(bytes.toString('utf8')) : undefined;
      // An error in the provider's own words is found first.
      const usage = protocol.readUsage(json, facts);
      if ((json === undefined && !TEXT.test(contentType)) || protocol.answer === 'flowing') {
        throw new HubError('upstream_failed', { message: 'The provider sent no such answer.' });
      }
      if (usage) meter.add({ type: 'usage', usage });
      return { now: '', done: { last: bytes } };
    },
    // Nothing is sent before the end.
    fail: () => undefined,
  };
}

function passFlow({ contentType, meter }: DirectWayOptions): Way {
  let held: Buffer | undefined;
  return {
    contentType: contentType || 'application/octet-stream',
    push(chunk) {
      if (chunk.length === 0) return { now: '' };
      const now = Buffer.concat([held ?? Buffer.alloc(0), chunk.subarray(0, -1)]);
      held = Buffer.from(chunk.subarray(-1));
      if (now.length > 0) meter.add({ type: 'start', id: '', model: '' });
      return { now };
    },
    end() {
      if (held) return { now: '', done: { last: held } };
      throw new HubError('upstream_failed', { message: 'The provider sent an empty answer.' });
    },
    fail(error) {
      meter.add({ type: 'error', error });
      return undefined;
    },
  };
}
