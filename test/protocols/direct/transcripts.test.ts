// Transcripts as text and subtitles, written from the JSON that a provider was asked for.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { wavOf } from '../../support/audio.ts';

const { 'openai-transcriptions': transcriptions, 'openai-translations': translations } = PROTOCOLS;

const FILES = new Map([['file', [wavOf(1)]]]);
const REPLY: JsonObject = {
  text: 'Hello there. See --> this.',
  duration: 3_727.25,
  segments: [
    { id: 0, start: 0, end: 2.5, text: ' Hello there.' },
    { id: 1, start: 2.5, end: 3_727.25, text: ' See --> this.' },
  ],
};

function write(protocol: typeof transcriptions, format: string | undefined, reply = REPLY) {
  const body = { model: 'm', ...(format !== undefined && { response_format: format }) };
  return protocol.rewriteReply?.(reply, protocol.inspectRequest(body, FILES));
}

describe('a transcript', () => {
  it('is the plain text', () => {
    expect(write(transcriptions, 'text')).toEqual({
      contentType: 'text/plain; charset=utf-8',
      text: 'Hello there. See --> this.\n',
    });
  });

  it('is subtitles of SubRip', () => {
    expect(write(transcriptions, 'srt')).toEqual({
      contentType: 'text/plain; charset=utf-8',
      text:
        '1\n00:00:00,000 --> 00:00:02,500\nHello there.\n\n' +
        '2\n00:00:02,500 --> 01:02:07,250\nSee --> this.\n\n',
    });
  });

  it('is subtitles of WebVTT, in whose texts no arrow may stand', () => {
    expect(write(transcriptions, 'vtt')).toEqual({
      contentType: 'text/vtt; charset=utf-8',
      text:
        'WEBVTT\n\n00:00:00.000 --> 00:00:02.500\nHello there.\n\n' +
        '00:00:02.500 --> 01:02:07.250\nSee -> this.\n\n',
    });
  });

  it('passes where JSON was asked for', () => {
    for (const format of [undefined, 'json', 'verbose_json', 'diarized_json']) {
      expect(write(transcriptions, format)).toBeUndefined();
    }
  });

  it('of a translation is brought to what was asked for from the verbose one', () => {
    const json = { contentType: 'application/json', text: JSON.stringify({ text: REPLY['text'] }) };
    expect(write(translations, undefined)).toEqual(json);
    expect(write(translations, 'json')).toEqual(json);
    expect(write(translations, 'verbose_json')).toBeUndefined();
    expect(write(translations, 'srt')?.text).toContain('--> 01:02:07,250');
  });

  it.each([
    ['text', {}],
    ['srt', { text: 'a' }],
    ['vtt', { segments: [5] }],
    ['srt', { segments: [{ start: -1, end: 1, text: 'a' }] }],
    ['srt', { segments: [{ start: 0, end: '1', text: 'a' }] }],
    ['vtt', { segments: [{ start: 0, end: 1 }] }],
  ] as [string, JsonObject][])('cannot be written as %s: %#', (format, reply) => {
    expect(() => write(transcriptions, format, reply)).toThrow(
      expect.objectContaining({ code: 'upstream_failed' }),
    );
  });
});
