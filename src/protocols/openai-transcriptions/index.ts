// OpenAI's transcription of a recording, the one endpoint here whose body is a form. Priced by the
// duration of the audio, or by tokens; the reply tells of them, unless it is plain text.
// https://platform.openai.com/docs/api-reference/audio/createTranscription

import { isObject, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { DIRECT, inspectDirect, readReply, readTokens } from '../direct.ts';
import { invalid, present, readOptionalString, unsupported } from '../fields.ts';
import type { DirectProtocol, Files, RequestFacts } from '../protocol.ts';
import { measureDuration } from './duration.ts';

/** More audio than the file's. */
const UNPRICED_FIELDS = Object.freeze(['known_speaker_references', 'known_speaker_references[]']);
const TEXT_FORMATS: ReadonlySet<string> = new Set(['text', 'srt', 'vtt']);
const MS_PER_SECOND = 1_000;

export const openaiTranscriptions: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-transcriptions',
  upstreamPath: () => '/audio/transcriptions',
  bodyFormat: 'multipart',
  inspectRequest,
  readUsage,
});

function inspectRequest(body: JsonObject, files?: Files): RequestFacts {
  // Forms have no false.
  const { stream, ...rest } = body;
  const fields = stream === 'false' ? rest : body;
  return {
    ...inspectDirect(fields, UNPRICED_FIELDS, () => ({
      choices: 1,
      ...measure(body, files),
    })),
    unboundedInput: true,
  };
}

function measure(body: JsonObject, files?: Files): Pick<RequestFacts, 'units' | 'likelyUnits'> {
  const file = files?.get('file');
  if (file === undefined || files?.size !== 1) throw invalid('file', '`file` must be one file.');
  const { mostMs, likelyMs } = measureDuration(file);
  if (mostMs === 0) throw invalid('file', '`file` must not be empty.');
  const format = readOptionalString(body['response_format'], 'response_format');
  if (likelyMs !== undefined && format !== undefined && TEXT_FORMATS.has(format)) {
    throw unsupported(
      'response_format',
      'Plain text does not tell how long a recording is: send a WAV file, or ask for `json`.',
    );
  }
  return {
    units: { audioMs: mostMs },
    ...present({ likelyUnits: likelyMs === undefined ? undefined : { audioMs: likelyMs } }),
  };
}

function readUsage(body: JsonValue | undefined, facts: RequestFacts): ReportedUsage | undefined {
  // A text that happens to be JSON is a text all the same.
  const report = isObject(body) ? readReport(readReply(body)) : undefined;
  const isMeasured = facts.likelyUnits === undefined;
  // What neither side has measured is not believed, so that a person looks at it.
  if (report === undefined) return isMeasured ? undefined : { final: true, problem: 'not_a_count' };
  const isTooLong = (report.units?.audioMs ?? 0) > (facts.units?.audioMs ?? 0);
  return isTooLong ? { final: true, problem: 'parts_exceed_whole' } : report;
}

function readReport(reply: JsonObject): ReportedUsage | undefined {
  const usage = objectOf(reply['usage']);
  if (usage?.['type'] === 'tokens') {
    return readTokens(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
  }
  const seconds = usage?.['type'] === 'duration' ? usage['seconds'] : reply['duration'];
  if (seconds === undefined) return undefined;
  const audioMs = typeof seconds === 'number' ? Math.round(seconds * MS_PER_SECOND) : Number.NaN;
  if (!Number.isSafeInteger(audioMs) || audioMs < 0) return { final: true, problem: 'not_a_count' };
  return { final: true, units: { audioMs } };
}
