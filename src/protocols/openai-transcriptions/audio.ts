// What transcriptions and translations have in common: one recording, what it can be at the most, and
// replies that tell its duration or tokens. Plain text tells neither, so the provider is asked for JSON
// in its place and the text is written from that (transcript.ts).

import { isObject, objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { editKey } from '../body-edits.ts';
import { editModel, readReply, readTokens } from '../direct.ts';
import { invalid, present } from '../fields.ts';
import { splitInput } from '../media-counts.ts';
import type { BodyEdit, Files, MediaDemand, PassThroughEdits, RequestFacts } from '../protocol.ts';
import { readCounts } from '../token-counts.ts';
import { measureDuration } from './duration.ts';

const MS_PER_SECOND = 1_000;

type Demand = Pick<RequestFacts, 'choices' | 'units' | 'likelyUnits' | 'unboundedInput' | 'media'>;

const SOUND: readonly MediaDemand[] = Object.freeze([{ class: 'inAudio', param: 'model' }]);

export function measureRecording(files?: Files): Demand {
  const [file, ...others] = files?.get('file') ?? [];
  if (file === undefined || others.length > 0 || files?.size !== 1) {
    throw invalid('file', '`file` must be one file.');
  }
  const { mostMs, likelyMs } = measureDuration(file);
  if (mostMs === 0) throw invalid('file', '`file` must not be empty.');
  return {
    choices: 1,
    unboundedInput: true,
    media: SOUND,
    units: { audioMs: mostMs },
    ...present({ likelyUnits: likelyMs === undefined ? undefined : { audioMs: likelyMs } }),
  };
}

/** By the format that a client asks for, the one that the provider is asked for in its place. */
export type Substitutes = ReadonlyMap<string, string>;

export function editAudioRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  asked: string,
  substitutes: Substitutes,
): readonly BodyEdit[] {
  const substitute = substitutes.get(asked);
  const format = substitute === undefined ? [] : [editKey('response_format', substitute)];
  return [...editModel(body, edits), ...format];
}

export function readUsage(
  body: JsonValue | undefined,
  facts: RequestFacts,
): ReportedUsage | undefined {
  // A text that happens to be JSON is a text all the same.
  const report = isObject(body) ? readReport(readReply(body)) : undefined;
  return judge(report, facts);
}

/** What neither side has measured is not believed, so that a person looks at it. */
export function judge(
  report: ReportedUsage | undefined,
  facts: RequestFacts,
): ReportedUsage | undefined {
  const isMeasured = facts.likelyUnits === undefined;
  if (report === undefined) return isMeasured ? undefined : { final: true, problem: 'not_a_count' };
  const isTooLong = (report.units?.audioMs ?? 0) > (facts.units?.audioMs ?? 0);
  return isTooLong ? { final: true, problem: 'parts_exceed_whole' } : report;
}

export function readReport(reply: JsonObject): ReportedUsage | undefined {
  const usage = objectOf(reply['usage']);
  if (usage?.['type'] === 'tokens') return readHeard(usage);
  const seconds = usage?.['type'] === 'duration' ? usage['seconds'] : reply['duration'];
  if (seconds === undefined) return undefined;
  const audioMs = typeof seconds === 'number' ? Math.round(seconds * MS_PER_SECOND) : Number.NaN;
  if (!Number.isSafeInteger(audioMs) || audioMs < 0) return { final: true, problem: 'not_a_count' };
  return { final: true, units: { audioMs } };
}

/** What is not told apart was heard: hints in text are few. */
function readHeard(usage: JsonObject): ReportedUsage | undefined {
  const told = readTokens(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
  if (told?.input === undefined) return told;
  const counts = readCounts();
  const details = counts.details(usage['input_token_details']);
  const audio = counts.optional(details?.['audio_tokens']);
  const text = counts.optional(details?.['text_tokens']) ?? 0;
  if (counts.isBroken()) return { final: true, problem: 'not_a_count' };
  const { inUncached: whole } = told.input;
  const input = splitInput({ whole, audio: audio ?? whole - text });
  return input ? { ...told, input } : { final: true, problem: 'parts_exceed_whole' };
}
