// The sandbox's sound: silence of a length that follows from a text, and a sentence that says how long
// a recording is.

import { stringOf, type JsonObject } from '../base/json.ts';
import { readWavSeconds, writeSilence } from '../base/wav.ts';
import {
  type DirectAnswer,
  type FormBody,
  events,
  invalid,
  isTrue,
  json,
  readFile,
} from './direct-body.ts';
import { countTokens } from './tokens.ts';

const MAX_CHARACTERS = 4_096;
const SAMPLE_RATE = 8_000;
/** A twentieth of a second of silence. */
const SAMPLES_PER_CHARACTER = 400;
const BYTES_PER_SECOND = 8_000;
/** In an event. */
const MOST_BYTES = 32_768;

export function speak(body: JsonObject): DirectAnswer {
  const input = stringOf(body['input']) ?? '';
  const characters = Array.from(input).length;
  if (characters === 0 || characters > MAX_CHARACTERS) {
    throw invalid('input', `input must have 1 to ${MAX_CHARACTERS} characters.`);
  }
  const silence = writeSilence(characters * SAMPLES_PER_CHARACTER, SAMPLE_RATE);
  if (body['stream_format'] !== 'sse') return { contentType: 'audio/wav', body: silence };
  const pieces = Math.ceil(silence.length / MOST_BYTES);
  const input_tokens = countTokens(input);
  return events([
    ...Array.from({ length: pieces }, (_, i) => ({
      type: 'speech.audio.delta',
      audio: silence.subarray(i * MOST_BYTES, (i + 1) * MOST_BYTES).toString('base64'),
    })),
    {
      type: 'speech.audio.done',
      usage: { input_tokens, output_tokens: characters, total_tokens: input_tokens + characters },
    },
  ]);
}

export function transcribe(form: FormBody, task: 'transcribe' | 'translate'): DirectAnswer {
  const file = readFile(form, 'file');
  const seconds = Math.ceil(readWavSeconds(file) ?? file.length / BYTES_PER_SECOND);
  const text = `The sandbox listened for ${seconds} seconds.`;
  const usage = { type: 'duration', seconds };
  if (isTrue(form.fields['stream'])) {
    return events([
      ...text.split(/(?= )/).map((delta) => ({ type: 'transcript.text.delta', delta })),
      { type: 'transcript.text.done', text, usage },
    ]);
  }
  const about = { task, duration: seconds, text };
  switch (form.fields['response_format'] ?? 'json') {
    case 'json':
      return json(task === 'translate' ? { text } : { text, usage });
    case 'verbose_json': {
      const segments = [{ id: 0, start: 0, end: seconds, text }];
      return json({ ...about, language: 'english', segments, usage });
    }
    case 'diarized_json': {
      const segment = { type: 'transcript.text.segment', id: 'seg_0', speaker: 'A' };
      return json({ ...about, segments: [{ ...segment, start: 0, end: seconds, text }], usage });
    }
    case 'text':
      return { contentType: 'text/plain; charset=utf-8', body: Buffer.from(`${text}\n`) };
    default:
      throw invalid(
        'response_format',
        'response_format must be json, verbose_json, diarized_json or text.',
      );
  }
}
