// OpenAI's Speech: text in, audio out as it is made. Priced by the characters of `input`, which the
// provider has read once it sends its first byte; no answer tells of them, so they are counted here. Or
// by tokens, of which only events tell: bytes of sound are asked for as events and taken out of them.
// https://platform.openai.com/docs/api-reference/audio/createSpeech

import { type JsonObject, type JsonValue, objectOf, parseJson, stringOf } from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { editKey } from '../body-edits.ts';
import { DIRECT, editModel, inspectDirect, readReply, readTokens } from '../direct.ts';
import { streamsOf } from '../direct-streams.ts';
import { present, readName, readOptionalString, unpriced } from '../fields.ts';
import type {
  BodyEdit,
  DirectProtocol,
  MediaDemand,
  PassThroughEdits,
  RequestFacts,
} from '../protocol.ts';

export const openaiSpeech: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-speech',
  upstreamPath: () => '/audio/speech',
  answer: 'flowing',
  inspectRequest,
  editRequest,
  readUsage,
  streams: Object.freeze({
    ...streamsOf({ lastType: 'speech.audio.done', read: readEvent }),
    unwrap: { bytesOf, contentType },
  }),
});

/** By `response_format`, the first of which is the usual one. */
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['mp3', 'audio/mpeg'],
  ['opus', 'audio/ogg'],
  ['aac', 'audio/aac'],
  ['flac', 'audio/flac'],
  ['wav', 'audio/wav'],
  ['pcm', 'audio/pcm'],
]);

function editRequest(body: JsonObject, edits: PassThroughEdits): readonly BodyEdit[] {
  const isWrapped = edits.isByToken && body['stream_format'] !== 'sse';
  return [...editModel(body, edits), ...(isWrapped ? [editKey('stream_format', 'sse')] : [])];
}

function bytesOf({ data }: SseEvent): Buffer | undefined {
  const event = objectOf(parseJson(data));
  if (event?.['type'] !== 'speech.audio.delta') return undefined;
  return Buffer.from(stringOf(event['audio']) ?? '', 'base64');
}

function contentType({ answerFormat = 'mp3' }: RequestFacts): string {
  return CONTENT_TYPES.get(answerFormat) ?? 'application/octet-stream';
}

function readEvent(event: JsonObject, isLast: boolean): ChatEvent[] {
  if (event['type'] === 'speech.audio.delta') return [{ type: 'start', id: '', model: '' }];
  if (!isLast) return [];
  const usage = objectOf(event['usage']);
  const told =
    usage && readTokens(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
  if (told?.output === undefined) return told ? [{ type: 'usage', usage: told }] : [];
  // Nothing is made but sound.
  const { outText, outReasoning } = told.output;
  const output = { outText: 0, outReasoning, outAudio: outText };
  return [{ type: 'usage', usage: { ...told, output } }];
}

const SOUND: readonly MediaDemand[] = Object.freeze([{ class: 'outAudio', param: 'model' }]);

function inspectRequest(body: JsonObject): RequestFacts {
  return inspectDirect(body, ['stream'], () => {
    const format = readOptionalString(body['stream_format'], 'stream_format') ?? 'audio';
    if (format !== 'audio' && format !== 'sse') throw unpriced('stream_format');
    return {
      choices: 1,
      units: { characters: countCharacters(readName(body['input'], 'input')) },
      stream: format === 'sse',
      media: SOUND,
      ...present({ answerFormat: readOptionalString(body['response_format'], 'response_format') }),
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
