// A transcript in the form that its client asked for, written from the reply of JSON that was asked
// for in its place: plain text, SubRip, https://www.matroska.org/technical/subtitles.html#srt-subtitles,
// or WebVTT, https://www.w3.org/TR/webvtt1/.

import { arrayOf, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { brokenReply } from '../direct.ts';
import type { RewrittenReply } from '../protocol.ts';

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60 * MS_PER_SECOND;
const MS_PER_HOUR = 60 * MS_PER_MINUTE;

type Writer = (reply: JsonObject) => RewrittenReply;

const WRITERS: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['text', (reply) => plain(`${textOf(reply['text'])}\n`)],
  ['srt', (reply) => plain(cuesOf(reply).map(srtCue).join(''))],
  ['vtt', (reply) => ({ contentType: 'text/vtt; charset=utf-8', text: vttOf(cuesOf(reply)) })],
  ['json', (reply) => json({ text: textOf(reply['text']) })],
]);

/** Undefined where the format is none that is written here. Throws where the reply lacks its parts. */
export function writeTranscript(
  reply: JsonObject,
  format: string | undefined,
): RewrittenReply | undefined {
  return WRITERS.get(format ?? '')?.(reply);
}

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

function cuesOf(reply: JsonObject): Cue[] {
  if (!Array.isArray(reply['segments'])) throw brokenReply();
  return arrayOf(reply['segments']).map((segment) => {
    if (!isObject(segment)) throw brokenReply();
    const text = textOf(segment['text']).trim();
    return { startMs: msOf(segment['start']), endMs: msOf(segment['end']), text };
  });
}

function srtCue({ startMs, endMs, text }: Cue, index: number): string {
  return `${index + 1}\n${clock(startMs, ',')} --> ${clock(endMs, ',')}\n${text}\n\n`;
}

function vttOf(cues: readonly Cue[]): string {
  const blocks = cues.map(
    // An arrow in the text would begin another cue.
    ({ startMs, endMs, text }) =>
      `${clock(startMs, '.')} --> ${clock(endMs, '.')}\n${text.replaceAll('-->', '->')}\n\n`,
  );
  return `WEBVTT\n\n${blocks.join('')}`;
}

function clock(ms: number, point: string): string {
  const pad = (value: number, digits = 2): string =>
    String(Math.floor(value)).padStart(digits, '0');
  const minutes = (ms % MS_PER_HOUR) / MS_PER_MINUTE;
  const seconds = (ms % MS_PER_MINUTE) / MS_PER_SECOND;
  const rest = pad(ms % MS_PER_SECOND, 3);
  return `${pad(ms / MS_PER_HOUR)}:${pad(minutes)}:${pad(seconds)}${point}${rest}`;
}

function msOf(seconds: JsonValue | undefined): number {
  if (typeof seconds !== 'number' || !(seconds >= 0)) throw brokenReply();
  return Math.round(seconds * MS_PER_SECOND);
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw brokenReply();
  return value;
}

function plain(text: string): RewrittenReply {
  return { contentType: 'text/plain; charset=utf-8', text };
}

function json(body: JsonObject): RewrittenReply {
  return { contentType: 'application/json', text: JSON.stringify(body) };
}
