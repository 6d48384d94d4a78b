// What stands in a Converse body beside texts: tools and the choice among them, images and documents,
// cache points.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatRequest } from '../../../src/chat/request.ts';
import type { EncodedRequest } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { refusal, text } from '../translation/requests.ts';
import {
  BUDGET,
  QUESTION,
  calling,
  fromChat,
  fromForm,
  fromMessages,
  tool,
  toolSpec,
} from './requests.ts';

describe('tools', () => {
  it('are written with their choice', () => {
    const { body } = fromChat({
      tools: [tool('f', { description: 'Does f', strict: true }), tool('g', { description: '' })],
      tool_choice: 'required',
    });
    const { toolSpec: spec } = toolSpec('f');
    expect(body['toolConfig']).toEqual({
      tools: [{ toolSpec: { ...spec, description: 'Does f', strict: true } }, toolSpec('g')],
      toolChoice: { any: {} },
    });
  });

  it.each<[ChatRequest['toolChoice'], unknown, string[]]>([
    [undefined, undefined, ['f', 'g']],
    [{ type: 'auto' }, { auto: {} }, ['f', 'g']],
    [{ type: 'required' }, { any: {} }, ['f', 'g']],
    [{ type: 'tool', name: 'g' }, { tool: { name: 'g' } }, ['f', 'g']],
    [{ type: 'allowed', mode: 'auto', names: ['g'] }, { auto: {} }, ['g']],
    [{ type: 'allowed', mode: 'required', names: ['f'] }, { any: {} }, ['f']],
  ])('are chosen among by %j', (toolChoice, written, names) => {
    const tools = ['f', 'g'].map((name) => ({
      type: 'function' as const,
      name,
      parameters: { type: 'object', properties: {} },
    }));
    const { body, dropped } = fromForm({ tools, ...(toolChoice && { toolChoice }) });
    expect(body['toolConfig']).toEqual({
      tools: names.map(toolSpec),
      ...(written !== undefined && { toolChoice: written }),
    });
    expect(dropped).toEqual([]);
  });

  it('are left out where none may be called', () => {
    const { body, dropped } = fromChat({ tools: [tool('f')], tool_choice: 'none' });
    expect(body).not.toHaveProperty('toolConfig');
    expect(dropped).toEqual([]);
  });

  it('stay where calls were made before, and the choice is named as dropped', () => {
    const body = { tools: [tool('f')], tool_choice: 'none', messages: calling };
    const encoded = fromChat(body);
    expect(encoded.body['toolConfig']).toEqual({ tools: [toolSpec('f')] });
    expect(encoded.dropped).toEqual(['tool_choice']);
  });

  it('are refused where calls were made before and there are none now', () => {
    expect(refusal(() => fromChat({ messages: calling }))).toBe(
      'unsupported_parameter messages.tool_calls',
    );
  });

  it('that are no function of an object are refused', () => {
    const odd = tool('f', { parameters: { type: 'array' } });
    expect(refusal(() => fromChat({ tools: [odd] }))).toBe('invalid_request tools.parameters.type');
    expect(refusal(() => fromForm({ tools: [{ type: 'custom', name: 'f' }] }))).toBe(
      'unsupported_parameter tools.type',
    );
    const unknown = { type: 'allowed', mode: 'auto', names: ['h'] } as const;
    const tools = [{ type: 'function' as const, name: 'f', parameters: {} }];
    expect(refusal(() => fromForm({ tools, toolChoice: unknown }))).toBe(
      'unsupported_parameter tool_choice',
    );
  });

  it.each([
    ['auto', BUDGET, { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }, []],
    ['required', BUDGET, undefined, ['parallel_tool_calls']],
    ['auto', QUIRKS, undefined, ['parallel_tool_calls']],
    ['none', BUDGET, undefined, []],
  ])('are called one at a time as far as can be said (%s)', (choice, quirks, fields, names) => {
    const body = { tools: [tool('f')], tool_choice: choice, parallel_tool_calls: false };
    const encoded = fromChat(body, quirks);
    expect(encoded.body['additionalModelRequestFields']).toEqual(fields);
    expect(encoded.dropped).toEqual(names);
  });
});

describe('images and documents', () => {
  const image = (url: string, detail?: string) => ({
    type: 'image_url',
    image_url: { url, ...(detail && { detail }) },
  });
  const file = (mediaType: string, filename?: string) => ({
    type: 'file',
    file: { file_data: `data:${mediaType};base64,JVBERg==`, ...(filename && { filename }) },
  });
  const asked = (...content: object[]) => fromChat({ messages: [{ role: 'user', content }] });
  const contentOf = ({ body }: EncodedRequest) =>
    (body['messages'] as JsonObject[])[0]?.['content'];

  it('are bytes in a named format', () => {
    const encoded = asked(image('data:image/jpg;base64,AAAA', 'high'), file('application/pdf'));
    expect(contentOf(encoded)).toEqual([
      { image: { format: 'jpeg', source: { bytes: 'AAAA' } } },
      { document: { format: 'pdf', name: 'document', source: { bytes: 'JVBERg==' } } },
    ]);
    expect(encoded.dropped).toEqual(['messages.content.image_url.detail']);
  });

  it('have names of their own, in the few characters that are taken', () => {
    const content = contentOf(
      asked(
        file('text/csv', 'a_b.csv'),
        file('text/csv', 'a.b  csv'),
        file('text/csv', '???'),
        file('text/csv', 'Übersicht (2) [x]-y'),
      ),
    );
    expect(
      (content as { document: { name: string } }[]).map(({ document }) => document.name),
    ).toEqual(['a b csv', 'a b csv 2', 'document', 'bersicht (2) [x]-y']);
  });

  it('are refused by name where they are no bytes or of no known format', () => {
    const url = 'unsupported_parameter messages.content.source.url';
    const format = 'unsupported_parameter messages.content.source.media_type';
    expect(refusal(() => asked(image('https://example.com/a.png')))).toBe(url);
    expect(refusal(() => asked(image('data:image/tiff;base64,AAAA')))).toBe(format);
    expect(refusal(() => asked(file('application/zip')))).toBe(format);
    const audio = { type: 'audio', mediaType: 'audio/wav', data: 'AAAA' } as const;
    expect(refusal(() => fromForm({ messages: [{ role: 'user', content: [audio] }] }))).toBe(
      'unsupported_parameter messages.content.type',
    );
  });

  it('stand in results, too', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    const content = [text('see'), { type: 'image', source }];
    const { body } = fromMessages({
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      messages: [
        QUESTION,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content }] },
      ],
    });
    expect(body['messages']).toHaveProperty('[2].content[0].toolResult.content', [
      { text: 'see' },
      { image: { format: 'png', source: { bytes: 'AAAA' } } },
    ]);
  });
});

describe('cache marks', () => {
  const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } });
  const point = { cachePoint: { type: 'default' } };

  it('are points behind tools, system, texts and results', () => {
    const { body, dropped } = fromMessages({
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} }, ...mark() }],
      system: [text('Be brief.', mark('1h'))],
      messages: [
        { role: 'user', content: [text('hi', mark())] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'c1', content: [text('x', mark())] }],
        },
      ],
    });
    expect(body).toMatchObject({
      toolConfig: { tools: [toolSpec('f'), point] },
      system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
      messages: [
        { content: [{ text: 'hi' }, point] },
        { content: [{ toolUse: { toolUseId: 'c1' } }] },
        { content: [{ toolResult: { content: [{ text: 'x' }] } }, point] },
      ],
    });
    expect(dropped).toEqual([]);
  });

  it('are for five minutes where an hour is not sold', () => {
    const body = {
      system: [text('Be brief.', mark('1h'))],
      messages: [{ role: 'user', content: 'hi' }],
    };
    const encoded = fromMessages(body, { ...BUDGET, hourCaches: false });
    expect(encoded.body['system']).toEqual([{ text: 'Be brief.' }, point]);
    expect(encoded.dropped).toEqual(['cache_control.ttl']);
  });

  it('are at most four, the first ones of the prompt', () => {
    const marked = ['a', 'b', 'c', 'd', 'e'].map((words) => text(words, mark()));
    const body = { messages: [{ role: 'user', content: marked }] };
    const encoded = fromMessages(body);
    const content = (encoded.body['messages'] as { content: object[] }[])[0]?.content ?? [];
    expect(content.map((each) => Object.keys(each)[0]).join(' ')).toBe(
      'text cachePoint text cachePoint text cachePoint text cachePoint text',
    );
    expect(encoded.dropped).toEqual(['cache_control']);
  });

  it('are dropped for models that take none', () => {
    const encoded = fromMessages({ system: [text('Be brief.', mark())] }, QUIRKS);
    expect(encoded.body['system']).toEqual([{ text: 'Be brief.' }]);
    expect(encoded.dropped).toEqual(['cache_control']);
  });
});
