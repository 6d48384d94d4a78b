// OpenAI's transcription of a recording, a form. Priced by the duration of the audio, or by tokens; the
// reply, or the last event of a stream, tells of them.
// https://platform.openai.com/docs/api-reference/audio/createTranscription

import { type JsonObject, stringOf } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { DIRECT, inspectDirect } from '../direct.ts';
import { streamsOf } from '../direct-streams.ts';
import { present, readOptionalString } from '../fields.ts';
import { FORM_FIELDS } from '../forms.ts';
import type {
  BodyEdit,
  DirectProtocol,
  Files,
  PassThroughEdits,
  RequestFacts,
} from '../protocol.ts';
import {
  type Substitutes,
  editAudioRequest,
  judge,
  measureRecording,
  readReport,
  readUsage,
} from './audio.ts';
import { writeTranscript } from './transcript.ts';

/** More audio than the file's. */
const UNPRICED_FIELDS = Object.freeze(['known_speaker_references', 'known_speaker_references[]']);

const SUBSTITUTES: Substitutes = new Map([
  ['text', 'json'],
  ['srt', 'verbose_json'],
  ['vtt', 'verbose_json'],
]);

export const openaiTranscriptions: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-transcriptions',
  upstreamPath: () => '/audio/transcriptions',
  bodyFormat: 'multipart',
  inspectRequest,
  editRequest,
  readUsage,
  rewriteReply: (reply: JsonObject, { answerFormat }: RequestFacts) =>
    writeTranscript(reply, answerFormat),
  streams: streamsOf({ lastType: 'transcript.text.done', read: readEvent }),
});

function inspectRequest(body: JsonObject, files?: Files): RequestFacts {
  return inspectDirect(body, UNPRICED_FIELDS, () => {
    const format = formatOf(body);
    return {
      ...measureRecording(files),
      stream: FORM_FIELDS.flag(body['stream'], 'stream') ?? false,
      ...present({ answerFormat: SUBSTITUTES.has(format) ? format : undefined }),
    };
  });
}

function editRequest(body: JsonObject, edits: PassThroughEdits): readonly BodyEdit[] {
  return editAudioRequest(body, edits, formatOf(body), SUBSTITUTES);
}

function formatOf(body: JsonObject): string {
  return readOptionalString(body['response_format'], 'response_format') ?? 'json';
}

function readEvent(event: JsonObject, isLast: boolean, facts: RequestFacts): ChatEvent[] {
  if (event['type'] === 'transcript.text.delta') {
    return [{ type: 'text', text: stringOf(event['delta']) ?? '' }];
  }
  if (!isLast) return [];
  const usage = judge(readReport(event), facts);
  return usage ? [{ type: 'usage', usage }] : [];
}
