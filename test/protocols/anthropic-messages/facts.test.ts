// What the gateway admits of a Messages body, what it refuses, and what it edits.

import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Headers, Noted, Quirks } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';

const messages = PROTOCOLS['anthropic-messages'];
const BODY = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };

function refusal(more: object): unknown {
  try {
    messages.inspectRequest({ ...BODY, ...more });
    return undefined;
  } catch (error) {
    const { code, param } = error as { code?: string; param?: string };
    return { code, param };
  }
}

function editsOf(body: object, outputCap?: number): unknown[] {
  const edits = { model: 'claude-x', ...(outputCap !== undefined && { outputCap }) };
  return messages
    .editRequest({ ...BODY, ...body }, edits, QUIRKS)
    .map(({ key, json }) => [key, JSON.parse(json ?? 'null')]);
}

describe('inspecting a Messages body', () => {
  it('finds the facts, and takes a cap of zero, which warms a cache', () => {
    expect(messages.inspectRequest({ ...BODY, max_tokens: 0, stream: true })).toEqual({
      model: 'claude-x',
      stream: true,
      maxOutputTokens: 0,
      choices: 1,
      includeUsage: true,
      images: 0,
      imageBytes: 0,
      unboundedInput: false,
    });
  });

  it.each([undefined, null, -1, 2 ** 31, 1.5, '10', Number.POSITIVE_INFINITY])(
    'refuses %j as max_tokens',
    (value) => {
      expect(refusal({ max_tokens: value })).toEqual({
        code: 'invalid_request',
        param: 'max_tokens',
      });
    },
  );

  it('tells image data from text', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'QUJD'.repeat(100) };
    const messagesWithImage = [{ role: 'user', content: [{ type: 'image', source }] }];
    const facts = messages.inspectRequest({ ...BODY, messages: messagesWithImage });
    expect(facts).toMatchObject({ images: 1, imageBytes: 400 });
  });

  it('counts images, those in tool results too, and sees documents', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
    const result = { type: 'tool_result', tool_use_id: 'a', content: [image, image] };
    const document = { type: 'document', source: {} };
    const facts = (content: object[]) =>
      messages.inspectRequest({ ...BODY, messages: [{ role: 'user', content }] as never });
    expect(facts([image, result])).toMatchObject({ images: 3, unboundedInput: false });
    expect(facts([{ ...result, content: [document] }])).toMatchObject({ unboundedInput: true });
  });

  it.each([
    ['tools', [{ type: 'web_search_20250305', name: 'web_search' }], 'tools[0].type'],
    ['tools', [{ name: 'f' }, { type: 'code_execution_20250522' }], 'tools[1].type'],
    ['mcp_servers', [{ url: 'https://example.com' }], 'mcp_servers'],
    ['container', 'c', 'container'],
    ['speed', 'fast', 'speed'],
    ['inference_geo', 'us', 'inference_geo'],
    ['service_tier', 'priority', 'service_tier'],
    ['fallbacks', [{ model: 'dearer' }], 'fallbacks'],
    [
      'context_management',
      { edits: [{ type: 'clear_tool_uses_20250919' }, { type: 'compact_20260112' }] },
      'context_management.edits[1].type',
    ],
  ])('refuses %s = %j, which has no price', (key, value, param) => {
    expect(refusal({ [key]: value })).toEqual({ code: 'unsupported_parameter', param });
  });

  const SEARCH = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
  const FETCH = { type: 'web_fetch_20260209', name: 'web_fetch' };
  const OWN = { name: 'f', input_schema: { type: 'object' } };

  it('leaves out searches of the web that are offered beside other tools, by name', () => {
    const tools = [SEARCH, OWN, FETCH];
    expect(refusal({ tools, tool_choice: { type: 'any' } })).toBeUndefined();
    const [edit] = messages.editRequest({ ...BODY, tools }, { model: 'claude-x' }, QUIRKS);
    const dropped = 'tools.web_search,tools.web_fetch';
    expect(edit).toEqual({ key: 'tools', json: JSON.stringify([OWN]), dropped });
    const request = messages.decodeRequest({ ...BODY, tools });
    expect(request.tools.map(({ name }) => name)).toEqual(['f']);
    expect(request.dropped).toEqual(dropped.split(','));
  });

  it('refuses a search that is the only tool, or that must be called', () => {
    const code = 'unsupported_parameter';
    expect(refusal({ tools: [SEARCH, FETCH] })).toEqual({ code, param: 'tools[0].type' });
    const tool_choice = { type: 'tool', name: 'web_search' };
    const param = 'tool_choice.name';
    expect(refusal({ tools: [OWN, SEARCH], tool_choice })).toEqual({ code, param });
  });

  it('takes tools that the client runs, and modes at the list price', () => {
    const tools = [
      { name: 'f', input_schema: {} },
      { type: 'custom', name: 'g', input_schema: {} },
      { type: 'bash_20250124', name: 'bash' },
      { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
      { type: 'computer_20250124', name: 'computer' },
      { type: 'memory_20250818', name: 'memory' },
    ];
    const modes = { speed: 'standard', service_tier: 'standard_only', inference_geo: 'global' };
    expect(refusal({ tools, ...modes, mcp_servers: [] })).toBeUndefined();
  });

  it('refuses a target of its own', () => {
    expect(refusal({ base_url: 'x' })).toEqual({ code: 'invalid_request', param: 'base_url' });
  });
});

describe('editing a Messages body', () => {
  it('changes nothing that need not change', () => {
    expect(editsOf({})).toEqual([]);
    expect(editsOf({}, 100)).toEqual([]);
    expect(editsOf({}, 5000)).toEqual([]);
  });

  it('lowers a thinking budget together with the cap, and keeps what else it says', () => {
    const thinking = { type: 'enabled', budget_tokens: 9000, display: 'omitted' };
    expect(editsOf({ max_tokens: 10_000, thinking }, 4000)).toEqual([
      ['max_tokens', 4000],
      ['thinking', { type: 'enabled', budget_tokens: 3999, display: 'omitted' }],
    ]);
    expect(editsOf({ max_tokens: 10_000, thinking }, 9001)).toEqual([['max_tokens', 9001]]);
    expect(editsOf({ max_tokens: 10_000, thinking }, 9000)).toContainEqual([
      'thinking',
      { type: 'enabled', budget_tokens: 8999, display: 'omitted' },
    ]);
  });

  it('gives thinking up where the least budget no longer fits', () => {
    const thinking = { type: 'enabled', budget_tokens: 2000 };
    const body = { max_tokens: 10_000, thinking };
    expect(editsOf(body, 1025)).toContainEqual([
      'thinking',
      { type: 'enabled', budget_tokens: 1024 },
    ]);
    expect(editsOf(body, 1024)).toContainEqual(['thinking', { type: 'disabled' }]);
    expect(editsOf({ max_tokens: 10_000, thinking: { type: 'adaptive' } }, 50)).toEqual([
      ['max_tokens', 50],
    ]);
  });

  it("takes other makers' thinking out of the history, and only that", () => {
    const own = { type: 'thinking', thinking: '', signature: 'c2ln' };
    const foreign = { type: 'thinking', thinking: 'hm', signature: 'hub:openai-chat:e30' };
    const unsigned = { type: 'thinking', thinking: 'hm', signature: '' };
    const text = { type: 'text', text: 'hello' };
    const user = { role: 'user', content: 'hi' };
    const history = [
      user,
      { role: 'assistant', content: [own, foreign, unsigned, text] },
      user,
      { role: 'assistant', content: [unsigned] },
      user,
    ];
    expect(editsOf({ messages: history })).toEqual([
      ['messages', [user, { role: 'assistant', content: [own, text] }, user, user]],
    ]);
    expect(editsOf({ messages: [user, { role: 'assistant', content: [own, text] }] })).toEqual([]);
  });
});

function forward(headers: Headers, body: object, quirks: Quirks = QUIRKS, noted = nothing()) {
  return messages.forwardHeaders(headers, { ...body }, quirks, noted);
}

const nothing = (): Noted => ({ dropped: [] });

describe('the headers that go with a body', () => {
  const headers = {
    'anthropic-version': '2026-10-21',
    'anthropic-beta': 'one,two',
    cookie: 'a=b',
    'x-api-key': 'secret',
  };

  it("are the client's version and betas, and nothing else", () => {
    expect(forward(headers, BODY)).toEqual({
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'one,two',
    });
  });

  it.each(['temperature', 'top_p', 'top_k'])('name the version that still takes %s', (key) => {
    const forwarded = forward(headers, { ...BODY, [key]: 1 });
    expect(forwarded['anthropic-version']).toBe('2023-06-01');
    expect(forward(headers, { ...BODY, [key]: null })).toMatchObject({
      'anthropic-version': '2026-10-21',
    });
  });

  it.each([
    ['one, two', ['one', 'two'], 'one,two', []],
    ['one,three,two', ['two', 'one'], 'one,two', ['seed', 'anthropic-beta']],
    ['three', ['one'], undefined, ['seed', 'anthropic-beta']],
    [undefined, ['one'], undefined, []],
  ])('of the betas %s are those of %j, and the rest is named', (asked, betas, sent, dropped) => {
    const noted: Noted = { dropped: dropped.length > 0 ? ['seed'] : [] };
    const own = { 'anthropic-beta': asked };
    expect(forward(own, BODY, { ...QUIRKS, betas }, noted)['anthropic-beta']).toBe(sent);
    expect(noted.dropped).toEqual(dropped);
  });

  it('name no version where the body does', () => {
    const quirks = { ...QUIRKS, versionInBody: 'v-1' };
    const forwarded = forward(headers, { ...BODY, temperature: 1 }, quirks);
    expect(forwarded).toEqual({ 'anthropic-beta': 'one,two' });
  });
});
