// What the endpoints that are not conversations demand before they are admitted, and the fields that
// they refuse because they would cost what no price covers.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { DirectProtocol, Files, RequestFacts } from '../../../src/protocols/protocol.ts';
import { wavOf } from '../../support/audio.ts';
import { QUIRKS } from '../streams.ts';

const {
  'openai-embeddings': embeddings,
  'openai-image-edits': edits,
  'openai-image-variations': variations,
  'openai-images': images,
  'openai-moderations': moderations,
  'openai-speech': speech,
  'openai-transcriptions': transcriptions,
  'openai-translations': translations,
  rerank,
} = PROTOCOLS;

const BODIES = new Map<DirectProtocol, JsonObject>([
  [embeddings, { input: 'a' }],
  [images, { prompt: 'a' }],
  [edits, { prompt: 'a' }],
  [variations, {}],
  [moderations, { input: 'a' }],
  [speech, { input: 'a' }],
  [transcriptions, {}],
  [translations, {}],
  [rerank, { query: 'a', documents: ['b'] }],
]);

const FILES: Files = new Map([['file', [wavOf(16_000)]]]);
const IMAGES: Files = new Map([['image', [Buffer.alloc(7)]]]);
const OF_IMAGES: ReadonlySet<DirectProtocol> = new Set([edits, variations]);

function inspect(
  protocol: DirectProtocol,
  more: JsonObject = {},
  files: Files = OF_IMAGES.has(protocol) ? IMAGES : FILES,
) {
  return protocol.inspectRequest({ model: 'm', ...BODIES.get(protocol), ...more }, files);
}

function refusal(protocol: DirectProtocol, more: JsonObject, files?: Files): unknown {
  try {
    inspect(protocol, more, files);
    return undefined;
  } catch (error) {
    return (error as { param?: string }).param;
  }
}

describe('the demand of a request', () => {
  it('is the images that are asked for', () => {
    expect(inspect(images)).toMatchObject({ model: 'm', choices: 1, units: { images: 1 } });
    expect(inspect(images, { n: 10 })).toMatchObject({ choices: 10, lowersChoices: true });
  });

  it('is the characters of the text, by code points', () => {
    const count = (input: string) => inspect(speech, { input }).units;
    expect(count('a b\n')).toEqual({ characters: 4 });
    expect(count('👩‍👩‍👧é')).toEqual({ characters: 6 });
  });

  it('is the length of a recording, exact for WAV and bounded for all else', () => {
    const measure = (file: Buffer) => {
      const { units, likelyUnits } = inspect(transcriptions, {}, new Map([['file', [file]]]));
      return [units?.audioMs, likelyUnits?.audioMs];
    };
    expect(measure(wavOf(16_000))).toEqual([1_000, undefined]);
    expect(measure(wavOf(16_001))).toEqual([2_000, undefined]);
    expect(measure(Buffer.alloc(24_000))).toEqual([32_000, 3_000]);
  });

  it('is a search for each begun hundred of documents, of parts where they are long', () => {
    const search = (documents: string[], query = 'a') => {
      const { units, likelyUnits } = inspect(rerank, { query, documents });
      return [units?.searchUnits, likelyUnits?.searchUnits];
    };
    expect(search(Array(100).fill('b') as string[])).toEqual([1, 1]);
    expect(search(Array(101).fill('b') as string[])).toEqual([2, 2]);
    expect(search(Array(100).fill('b'.repeat(500)) as string[])).toEqual([2, 1]);
    expect(search(Array(100).fill('b'.repeat(250)) as string[], 'a'.repeat(9_000))).toEqual([1, 1]);
    expect(search(Array(100).fill('b'.repeat(251)) as string[], 'a'.repeat(9_000))).toEqual([2, 1]);
  });

  it('is the query again for each document, where tokens are counted', () => {
    const again = (query: string, documents: string[]) =>
      inspect(rerank, { query, documents }).repeatedBytes;
    expect(again('two', ['a'])).toBe(0);
    expect(again('é', ['a', 'b', 'c'])).toBe(4);
  });

  it('is the images of a form that are wanted, whatever number is given', () => {
    const form: Files = new Map([
      ['image[]', [Buffer.alloc(3), Buffer.alloc(4)]],
      ['mask', [Buffer.alloc(5)]],
    ]);
    expect(inspect(edits, { n: '3', stream: 'false' }, form)).toMatchObject({
      choices: 3,
      stream: false,
      units: { images: 1 },
      images: 3,
      imageBytes: 12,
      media: [
        { class: 'outImage', param: 'model' },
        { class: 'inImage', param: 'image' },
      ],
    });
    expect(inspect(variations)).toMatchObject({ choices: 1, images: 1, imageBytes: 7 });
  });

  it('is a stream where one is asked for', () => {
    expect(inspect(images, { stream: true, partial_images: 3 }).stream).toBe(true);
    expect(inspect(edits, { stream: 'true', partial_images: '2' }).stream).toBe(true);
    expect(inspect(transcriptions, { stream: 'true' }).stream).toBe(true);
    const events = inspect(speech, { stream_format: 'sse' });
    expect([events.stream, inspect(speech).stream]).toEqual([true, false]);
  });

  it('makes or hears other tokens than those of text', () => {
    const classOf = (facts: RequestFacts) => facts.media?.map((demand) => demand.class);
    expect(classOf(inspect(images))).toEqual(['outImage']);
    expect(classOf(inspect(speech))).toEqual(['outAudio']);
    expect(classOf(inspect(transcriptions))).toEqual(['inAudio']);
    expect(classOf(inspect(moderations))).toBeUndefined();
  });

  it('is nothing for a moderation, whose model need not be named', () => {
    expect(inspect(moderations)).toMatchObject({ model: 'm', choices: 1, images: 0 });
    expect(inspect(moderations, { model: null })).toMatchObject({
      model: 'omni-moderation-latest',
    });
    const parts = [{ type: 'text', text: 'a' }, { type: 'image_url' }];
    expect(inspect(moderations, { input: parts }).units).toBeUndefined();
  });

  it('is nothing but tokens for embeddings, of texts and of tokens', () => {
    for (const input of ['a', ['a', 'b'], [1, 2], [[1], [2, 3]]]) {
      const { units, choices } = inspect(embeddings, { input });
      expect([units, choices]).toEqual([undefined, 1]);
    }
  });
});

describe('a field that costs what no price covers', () => {
  it.each([
    [images, { stream: true, n: 2 }, 'n'],
    [images, { stream: 'true' }, 'stream'],
    [images, { n: '2' }, 'n'],
    [edits, { stream: 'yes' }, 'stream'],
    [images, { partial_images: 4 }, 'partial_images'],
    [edits, { 'svg[model]': 'other' }, 'svg[model]'],
    [edits, { n: '11' }, 'n'],
    [edits, { n: '1e1' }, 'n'],
    [edits, { output_format: 'gif' }, 'output_format'],
    [edits, { prompt: '' }, 'prompt'],
    [variations, { stream: 'true' }, 'stream'],
    [translations, { stream: 'true' }, 'stream'],
    [moderations, { input: [] }, 'input'],
    [moderations, { input: 5 }, 'input'],
    [moderations, { stream: true }, 'stream'],
    [embeddings, { stream: true }, 'stream'],
    [rerank, { stream: true }, 'stream'],
    [speech, { stream: true }, 'stream'],
    [images, { frame_count: 9 }, 'frame_count'],
    [images, { svg: { model: 'other' } }, 'svg'],
    [images, { output_format: 'gif' }, 'output_format'],
    [images, { service_tier: 'priority' }, 'service_tier'],
    [speech, { stream_format: 'websocket' }, 'stream_format'],
    [transcriptions, { 'known_speaker_references[]': ['data:'] }, 'known_speaker_references[]'],
    [rerank, { base_url: 'https://other.example' }, 'base_url'],
    [embeddings, { input: [1, 'a'] }, 'input[0]'],
    [embeddings, { input: [[['a']]] }, 'input[0][0]'],
    [embeddings, { input: null }, 'input'],
  ] as [DirectProtocol, JsonObject, string][])('is refused: %#', (protocol, more, param) => {
    expect(refusal(protocol, more)).toBe(param);
  });

  it.each([
    [images, { stream: false, n: null, size: '1024x1024', output_format: 'png' }],
    [speech, { stream_format: 'audio', speed: 2 }],
    [transcriptions, { stream: 'false', response_format: 'srt' }],
    [rerank, { documents: [{ text: 'b' }], top_n: 1 }],
  ] as [DirectProtocol, JsonObject][])('is not any other: %#', (protocol, more) => {
    expect(refusal(protocol, more)).toBeUndefined();
  });
});

describe('a form without the file that it is about', () => {
  it.each([
    [edits, new Map(), 'image'],
    [edits, new Map([['mask', [Buffer.alloc(1)]]]), 'image'],
    [variations, new Map([['image', [Buffer.alloc(0)]]]), 'image'],
    [transcriptions, new Map([['file', [wavOf(1), wavOf(1)]]]), 'file'],
    [translations, new Map([['file', [Buffer.alloc(0)]]]), 'file'],
  ] as [DirectProtocol, Files, string][])('is refused: %#', (protocol, files, param) => {
    expect(refusal(protocol, {}, files)).toBe(param);
  });
});

describe('the edits of a body', () => {
  it('are the model alone', () => {
    for (const protocol of BODIES.keys()) {
      if (protocol === translations) continue;
      expect(protocol.editRequest({ model: 'a/m' }, { model: 'm' }, QUIRKS)).toEqual([
        { key: 'model', json: '"m"' },
      ]);
      expect(protocol.editRequest({ model: 'm' }, { model: 'm' }, QUIRKS)).toEqual([]);
    }
  });

  it.each([
    [transcriptions, 'text', 'json'],
    [transcriptions, 'srt', 'verbose_json'],
    [transcriptions, 'vtt', 'verbose_json'],
    [transcriptions, 'diarized_json', undefined],
    [translations, undefined, 'verbose_json'],
    [translations, 'srt', 'verbose_json'],
    [translations, 'verbose_json', undefined],
  ] as [DirectProtocol, string | undefined, string | undefined][])(
    'are the format, where the one asked for tells of no usage: %#',
    (protocol, format, sent) => {
      const body = { model: 'm', ...(format !== undefined && { response_format: format }) };
      const edit = { key: 'response_format', json: JSON.stringify(sent) };
      expect(protocol.editRequest(body, { model: 'm' }, QUIRKS)).toEqual(sent ? [edit] : []);
      const asked = sent === undefined ? undefined : (format ?? 'json');
      expect(inspect(protocol, body).answerFormat).toBe(asked);
    },
  );

  it('are the number of images where the balance lowers it', () => {
    const edit = (body: JsonObject) =>
      images.editRequest({ model: 'm', ...body }, { model: 'm', choices: 2 }, QUIRKS);
    expect(edit({ n: 5 })).toEqual([{ key: 'n', json: '2' }]);
    expect(edit({})).toEqual([{ key: 'n', json: '2' }]);
    expect(edit({ n: 2 })).toEqual([]);
  });
});
