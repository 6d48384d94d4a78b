// OpenAI's translation of a recording into English. Its plain JSON tells of no usage at all, so the
// provider is always asked for the verbose one, which tells the duration.
// https://platform.openai.com/docs/api-reference/audio/createTranslation

import type { JsonObject } from '../../base/json.ts';
import { DIRECT, inspectDirect } from '../direct.ts';
import { present, readOptionalString } from '../fields.ts';
import type {
  BodyEdit,
  DirectProtocol,
  Files,
  PassThroughEdits,
  RequestFacts,
} from '../protocol.ts';
import { type Substitutes, editAudioRequest, measureRecording, readUsage } from './audio.ts';
import { writeTranscript } from './transcript.ts';

const VERBOSE = 'verbose_json';
const SUBSTITUTES: Substitutes = new Map([
  ['json', VERBOSE],
  ['text', VERBOSE],
  ['srt', VERBOSE],
  ['vtt', VERBOSE],
]);

export const openaiTranslations: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-translations',
  upstreamPath: () => '/audio/translations',
  bodyFormat: 'multipart',
  inspectRequest,
  editRequest,
  readUsage,
  rewriteReply: (reply: JsonObject, { answerFormat }: RequestFacts) =>
    writeTranscript(reply, answerFormat),
});

function inspectRequest(body: JsonObject, files?: Files): RequestFacts {
  return inspectDirect(body, ['stream'], () => {
    const format = formatOf(body);
    return {
      ...measureRecording(files),
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
