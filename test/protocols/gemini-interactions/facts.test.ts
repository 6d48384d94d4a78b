// What of an interaction concerns money and routing, what is refused for want of a price or of anything
// kept, and the edits with which it passes.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { scanJson } from '../../../src/base/json-scan.ts';
import { QUIRKS } from '../streams.ts';
import { refusal } from '../translation/requests.ts';
import { interactions, text } from './wire.ts';

function inspect(body: object) {
  return interactions.inspectRequest({ model: 'm', input: 'hi', ...body });
}

function edit(body: object, edits: object = {}) {
  const given = { model: 'm', store: false, ...body } as JsonObject;
  return interactions.editRequest(given, { model: 'm', ...edits }, QUIRKS);
}

const image = (data: string) => ({ type: 'image', data, mime_type: 'image/png' });

describe('the facts of an interaction', () => {
  it('are in its body', () => {
    const config = { max_output_tokens: 7 };
    expect(inspect({ stream: true, generation_config: config, service_tier: 'flex' })).toEqual({
      model: 'm',
      stream: true,
      choices: 1,
      includeUsage: true,
      maxOutputTokens: 7,
      serviceTier: 'flex',
      images: 0,
      imageBytes: 0,
      unboundedInput: false,
    });
    expect(inspect({ service_tier: 'standard' }).serviceTier).toBeUndefined();
  });

  it('count images wherever they stand, also by the outline of a long body', () => {
    const long = 'A'.repeat(500);
    const input = [
      { type: 'user_input', content: [text('look'), image(long)] },
      { role: 'user', content: [image('BB')] },
      { type: 'thought', summary: [image('CC')] },
      { type: 'function_result', call_id: 'c', result: [image('DD')] },
      { type: 'function_result', call_id: 'c', result: { content: [image('EE')] } },
      { type: 'user_input', content: [{ type: 'function_result', result: [image('FF')] }] },
      { type: 'image', uri: 'https://a.example/b.png' },
    ];
    const outline = JSON.parse(scanJson(JSON.stringify({ input })).outline) as JsonObject;
    for (const body of [{ input }, outline]) {
      expect(inspect(body)).toMatchObject({ images: 7, imageBytes: 510, unboundedInput: false });
    }
    expect(inspect({ input: image('AA') }).images).toBe(1);
  });

  it.each<[object]>([
    [{ input: [{ type: 'document', data: 'AA', mime_type: 'application/pdf' }] }],
    [{ input: [{ type: 'code_execution_result', call_id: 'c', result: '' }] }],
    [{ input: [{ type: 'of_tomorrow' }] }],
    [{ continuation_token: 't' }],
  ])('know what has no bound: %j', (body) => {
    expect(inspect(body).unboundedInput).toBe(true);
  });

  it('have no bound where contents are nested beyond what there is, and are read all the same', () => {
    let item: JsonObject = image('AA');
    for (let depth = 0; depth < 100_000; depth++) item = { type: 'user_input', content: [item] };
    expect(inspect({ input: [item] })).toMatchObject({ images: 0, unboundedInput: true });
  });
});

describe('an interaction is refused', () => {
  it.each<[object, string]>([
    [{ previous_interaction_id: 'v1_1' }, 'previous_response_not_found previous_interaction_id'],
    [{ background: true }, 'unsupported_parameter background'],
    [{ agent: 'deep-research', model: undefined }, 'unsupported_parameter agent'],
    [{ agent_config: {} }, 'unsupported_parameter agent_config'],
    [{ environment: 'e' }, 'unsupported_parameter environment'],
    [{ cached_content: 'cachedContents/x' }, 'unsupported_parameter cached_content'],
    [{ webhook_config: {} }, 'unsupported_parameter webhook_config'],
    [{ api_key: 'k' }, 'invalid_request api_key'],
    [{ previousInteractionId: 'v1_1' }, 'invalid_request previousInteractionId'],
    [
      { generation_config: { maxOutputTokens: 9 } },
      'invalid_request generation_config.maxOutputTokens',
    ],
    [
      { generation_config: { max_output_tokens: 0 } },
      'invalid_request generation_config.max_output_tokens',
    ],
    [
      { tools: [{ type: 'function' }, { type: 'google_search' }] },
      'unsupported_parameter tools[1].type',
    ],
    [{ tools: [{ type: 'mcp_server' }] }, 'unsupported_parameter tools[0].type'],
    [{ tools: [7] }, 'invalid_request tools[0]'],
    [
      { generation_config: { image_config: {} } },
      'unsupported_parameter generation_config.image_config',
    ],
    [
      { generation_config: { speech_config: [] } },
      'unsupported_parameter generation_config.speech_config',
    ],
    [{ response_modalities: ['TEXT', 'image'] }, 'unsupported_parameter response_modalities'],
    [{ response_format: { type: 'audio' } }, 'unsupported_parameter response_format.type'],
    [{ response_format: [{ type: 'image' }] }, 'unsupported_parameter response_format[0].type'],
    [{ input: [{ type: 'audio', data: 'AA' }] }, 'unsupported_parameter input[0].type'],
    [
      { input: [{ type: 'user_input', content: [{ type: 'video' }] }] },
      'unsupported_parameter input[0].content[0].type',
    ],
    [{ input: [{ type: 'image', uri: 'gs://a/b' }] }, 'unsupported_parameter input[0].uri'],
    [
      { input: { type: 'image', uri: 'https://generativelanguage.googleapis.com/v1beta/files/x' } },
      'unsupported_parameter input.uri',
    ],
    [{ input: 7 }, 'invalid_request input'],
    [{ stream: 'yes' }, 'invalid_request stream'],
    [{ service_tier: 7 }, 'unsupported_parameter service_tier'],
  ])('for %j', (body, expected) => {
    expect(refusal(() => inspect(body))).toBe(expected);
  });

  it('not for what it may say by default', () => {
    const body = { background: false, store: true, response_modalities: ['text'] };
    expect(inspect({ ...body, previous_interaction_id: null }).model).toBe('m');
  });
});

describe('the edits of an interaction', () => {
  it('are none where there is nothing to change', () => {
    expect(edit({ generation_config: { max_output_tokens: 5 } }, { outputCap: 5 })).toEqual([]);
  });

  it.each([undefined, null, true])('let nothing be kept: store is %j', (store) => {
    expect(edit({ store })).toEqual([{ key: 'store', json: 'false' }]);
  });

  it('name the model of the provider, and lower the cap among the other settings', () => {
    const config = { temperature: 1, max_output_tokens: 9 };
    expect(edit({ generation_config: config }, { model: 'n', outputCap: 5 })).toEqual([
      { key: 'model', json: '"n"' },
      { key: 'generation_config', json: '{"temperature":1,"max_output_tokens":5}' },
    ]);
    expect(edit({}, { outputCap: 5 })).toEqual([
      { key: 'generation_config', json: '{"max_output_tokens":5}' },
    ]);
  });

  it("take out thoughts of other makers, and say so; Google's own stay", () => {
    const own = { type: 'thought', signature: 'own' };
    const input = [{ type: 'thought', signature: 'hub:gemini:czpzaWc' }, own, text('a')];
    expect(edit({ input })).toEqual([
      { key: 'input', json: JSON.stringify([own, text('a')]), dropped: 'input.thought' },
    ]);
    expect(edit({ input: [own] })).toEqual([]);
  });
});
