// OpenAI's Speech: text in, audio out as it is made. Priced by the characters of `input`, which the
// provider has read once it sends its first byte; no answer tells of them, so they are counted here.
// https://platform.openai.com/docs/api-reference/audio/createSpeech

import { type JsonObject, type JsonValue, objectOf } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { DIRECT, inspectDirect, readReply, readTokens } from '../direct.ts';
import { streamsOf } from '../direct-streams.ts';
import { readName, readOptionalString, unpriced } from '../fields.ts';
import type { DirectProtocol, RequestFacts } from '../protocol.ts';

export const openaiSpeech: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-speech',
  upstreamPath: () => '/audio/speech',
  answer: 'flowing',
  inspectRequest,
  readUsage,
  streams: streamsOf({ lastType: 'speech.audio.done', read: readEvent }),
});

function readEvent(event: JsonObject, isLast: boolean): ChatEvent[] {
  if (event['type'] === 'speech.audio.delta') return [{ type: 'start', id: '', model: '' }];
  if (!isLast) return [];
  const usage = objectOf(event['usage']);
  const told =
    usage && readTokens(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
  return told ? [{ type: 'usage', usage: told }] : [];
}

function inspectRequest(body: JsonObject): RequestFacts {
  return inspectDirect(body, ['stream'], () => {
    const format = readOptionalString(body['stream_format'], 'stream_format') ?? 'audio';
    if (format !== 'audio' && format !== 'sse') throw unpriced('stream_format');
    return {
      choices: 1,
      units: { characters: countCharacters(readName(body['input'], 'input')) },
      stream: format === 'sse',
      // Bytes of sound tell of no tokens; events do.
      ...(format === 'audio' && { unpricedTokens: 'stream_format' }),
    };
  });
}

/** Unicode code points, spaces and line ends included. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** For JSON that came in the place of audio. */
function readUsage(body: JsonValue | undefined): undefined {
  readReply(body);
}
