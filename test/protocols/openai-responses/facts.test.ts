// What the gateway admits of a Responses body, what it refuses, and what it edits.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { refusal as refusalOf } from '../translation/requests.ts';
import { QUIRKS } from '../streams.ts';

const responses = PROTOCOLS['openai-responses'];
const compaction = PROTOCOLS['openai-compaction'];
const BODY = { model: 'gpt-x', input: 'hi' };
const NAMESPACE = { type: 'namespace', name: 'agents', description: 'x' };
const CACHED_SEARCH = { type: 'web_search', external_web_access: false };

const refusal = (more: JsonObject): unknown =>
  refusalOf(() => responses.inspectRequest({ ...BODY, ...more }));
const inspectInput = (...input: JsonObject[]) => responses.inspectRequest({ ...BODY, input });

describe('inspecting a Responses body', () => {
  it('finds the facts of a plain request', () => {
    expect(responses.inspectRequest({ ...BODY, max_output_tokens: 50, stream: true })).toEqual({
      model: 'gpt-x',
      stream: true,
      choices: 1,
      includeUsage: true,
      maxOutputTokens: 50,
      images: 0,
      imageBytes: 0,
      unboundedInput: false,
    });
  });

  it('names a service tier that is not the standard one', () => {
    expect(responses.inspectRequest({ ...BODY, service_tier: 'flex' }).serviceTier).toBe('flex');
    expect(responses.inspectRequest({ ...BODY, service_tier: 'default' })).not.toHaveProperty(
      'serviceTier',
    );
  });

  it('counts images wherever they stand, in messages and in results', () => {
    const data = `data:image/png;base64,${'QUJD'.repeat(100)}`;
    const image = (url: string) => ({ type: 'input_image', image_url: url });
    const facts = inspectInput(
      { role: 'user', content: [image(data), image('https://example.com/a.png')] },
      { type: 'function_call_output', call_id: 'a', output: [image(data)] },
    );
    expect(facts).toMatchObject({ images: 3, imageBytes: 844, unboundedInput: false });
  });

  it.each<[string, JsonObject]>([
    ['a file', { role: 'user', content: [{ type: 'input_file', file_url: 'https://x.example' }] }],
    ['audio', { role: 'user', content: [{ type: 'input_audio' }] }],
    ['an item of tomorrow', { type: 'hologram' }],
    ['a screen', { type: 'computer_call_output', output: { type: 'computer_screenshot' } }],
    ['a compaction', { type: 'compaction', encrypted_content: 'x' }],
  ])('sees that %s costs what its length does not bound', (_, item) => {
    expect(inspectInput(item).unboundedInput).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['a message without its type', { role: 'user', content: 'hi' }],
    ['reasoning', { type: 'reasoning', summary: [], encrypted_content: 'x' }],
    ['a call', { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }],
    ['a result', { type: 'custom_tool_call_output', call_id: 'a', output: 'x' }],
    ['a shell call', { type: 'local_shell_call', call_id: 'a', action: {} }],
    ['added tools', { type: 'additional_tools', tools: [{ type: 'custom', name: 'f' }] }],
  ])('takes %s for what it is long', (_, item) => {
    expect(inspectInput(item).unboundedInput).toBe(false);
  });

  it.each<[string, JsonObject]>([
    ['invalid_request max_output_tokens', { max_output_tokens: 0 }],
    ['invalid_request model', { model: '' }],
    ['invalid_request input', { input: 5 }],
    ['invalid_request stream', { stream: 'yes' }],
    ['invalid_request base_url', { base_url: 'https://elsewhere.example' }],
    ['previous_response_not_found previous_response_id', { previous_response_id: 'resp_1' }],
    ['previous_response_not_found conversation', { conversation: { id: 'conv_1' } }],
    ['unsupported_parameter background', { background: true }],
    ['unsupported_parameter prompt', { prompt: { id: 'pmpt_1' } }],
    ['unsupported_parameter context_management', { context_management: [{ type: 'compaction' }] }],
    ['unsupported_parameter reasoning.mode', { reasoning: { mode: 'pro' } }],
    ['unsupported_parameter input[0].type', { input: [{ type: 'item_reference', id: 'x' }] }],
  ])('refuses as %s', (expected, more) => {
    expect(refusal(more)).toBe(expected);
  });

  it('takes what is off or not set', () => {
    const off = { background: false, context_management: [], reasoning: { mode: 'standard' } };
    expect(refusal({ ...off, previous_response_id: null, tools: null })).toBeUndefined();
  });

  it.each<JsonObject>([
    { type: 'function', name: 'f' },
    { type: 'custom', name: 'f' },
    { type: 'local_shell' },
    { type: 'apply_patch' },
    { type: 'shell', environment: { type: 'local' } },
    { type: 'tool_search', execution: 'client' },
    { type: 'computer' },
    CACHED_SEARCH,
    { ...NAMESPACE, tools: [{ type: 'function', name: 'f' }] },
  ])('takes the tool %j, which the client runs', (tool) => {
    expect(refusal({ tools: [tool] })).toBeUndefined();
    expect(refusal({ input: [{ type: 'additional_tools', tools: [tool] }] })).toBeUndefined();
  });

  it.each<[string, JsonObject]>([
    ['tools[1].type', { type: 'file_search' }],
    ['tools[1].type', { type: 'shell' }],
    ['tools[1].type', { type: 'shell', environment: { type: 'container_auto' } }],
    ['tools[1].type', { type: 'tool_search' }],
    ['tools[1].type', { type: 'mcp', server_url: 'https://x.example' }],
    ['tools[1].type', { type: 'code_interpreter' }],
    ['tools[1].type', { name: 'of no type' }],
    ['tools[1].tools[0].type', { ...NAMESPACE, tools: [{ type: 'image_generation' }] }],
    [
      'tools[1].tools[1].type',
      { ...NAMESPACE, tools: [{ type: 'custom' }, { type: 'web_search' }] },
    ],
  ])('refuses at %s the tool %j, which the provider runs', (param, tool) => {
    const tools = [{ type: 'function', name: 'f' }, tool];
    expect(refusal({ tools })).toBe(`unsupported_parameter ${param}`);
    const input = [{ type: 'additional_tools', tools }];
    expect(refusal({ input })).toBe(`unsupported_parameter input[0].${param}`);
  });

  const SEARCHES = [
    { type: 'web_search' },
    { type: 'web_search', external_web_access: true },
    { type: 'web_search_preview_2025_03_11' },
  ];

  it.each<JsonObject>(SEARCHES)('takes %j beside other tools, and refuses it alone', (search) => {
    const tools = [search, { type: 'function', name: 'f' }];
    expect(refusal({ tools })).toBeUndefined();
    expect(refusal({ tools, tool_choice: 'required' })).toBeUndefined();
    expect(refusal({ tools: [search] })).toBe('unsupported_parameter tools[0].type');
    expect(refusal({ tools: [search, search] })).toBe('unsupported_parameter tools[0].type');
  });

  it('refuses to leave out a search that is chosen', () => {
    const [search] = SEARCHES;
    const tools = [search!, { type: 'function', name: 'f' }];
    const chosen = { type: 'allowed_tools', mode: 'auto', tools: [tools[1]!, search!] };
    expect(refusal({ tools, tool_choice: search! })).toBe('unsupported_parameter tool_choice.type');
    expect(refusal({ tools, tool_choice: chosen })).toBe(
      'unsupported_parameter tool_choice.tools[1].type',
    );
  });

  it('expects screens of whoever offers a computer', () => {
    expect(responses.inspectRequest({ ...BODY, tools: [{ type: 'computer' }] })).toMatchObject({
      unboundedInput: true,
    });
  });
});

describe('editing a Responses body', () => {
  const edit = (body: JsonObject, edits: object = {}, quirks: Quirks = QUIRKS) => {
    const made = responses.editRequest(body, { model: 'gpt-x', ...edits }, quirks);
    return Object.fromEntries(made.map(({ key, json }) => [key, JSON.parse(json ?? 'null')]));
  };
  const settled = { ...BODY, store: false, include: ['reasoning.encrypted_content'] };

  it('stores nothing and lets reasoning come back', () => {
    expect(edit(BODY)).toEqual({ store: false, include: ['reasoning.encrypted_content'] });
    const include = ['message.output_text.logprobs'];
    expect(edit({ ...settled, include }).include).toEqual([...include, ...settled.include]);
    expect(edit(settled)).toEqual({});
  });

  it('asks no model for reasoning that has none', () => {
    expect(edit(BODY, {}, { ...QUIRKS, thinkingStyle: 'none' })).toEqual({ store: false });
  });

  it('sets the model, and lowers the cap but never raises it', () => {
    expect(edit(settled, { model: 'other' })).toEqual({ model: 'other' });
    expect(edit(settled, { outputCap: 10 })).toEqual({ max_output_tokens: 10 });
    expect(edit({ ...settled, max_output_tokens: 5 }, { outputCap: 10 })).toEqual({});
  });

  it('takes out reasoning that OpenAI cannot read, and says so', () => {
    const own = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'own==' };
    const open = { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text' }] };
    const sealed = { ...own, encrypted_content: 'hub:anthropic-messages:czphYmM' };
    const bare = { type: 'reasoning', id: 'rs_2', summary: [] };
    const input = [own, sealed, bare, open, { role: 'user', content: 'x' }];
    const made = responses.editRequest({ ...settled, input }, { model: 'gpt-x' }, QUIRKS);
    expect(made).toEqual([
      { key: 'input', json: JSON.stringify([own, open, input[4]]), dropped: 'input.reasoning' },
    ]);
    expect(edit({ ...settled, input: [own, open] })).toEqual({});
  });

  it.each<JsonObject>([CACHED_SEARCH, { type: 'web_search' }])(
    'takes out the search %j that Codex offers, wherever it stands, and says so',
    (search) => {
      const tools = [{ type: 'function', name: 'f' }, search];
      const made = responses.editRequest({ ...settled, tools }, { model: 'gpt-x' }, QUIRKS);
      const kept = [tools[0]!];
      const dropped = 'tools.web_search';
      expect(made).toEqual([{ key: 'tools', json: JSON.stringify(kept), dropped }]);
      const input = [{ type: 'additional_tools', tools }];
      const added = responses.editRequest({ ...settled, input }, { model: 'gpt-x' }, QUIRKS);
      const json = JSON.stringify([{ type: 'additional_tools', tools: kept }]);
      expect(added).toEqual([{ key: 'input', json, dropped }]);
    },
  );
});

describe('counting the tokens of a Responses body', () => {
  const { tokenCounting } = responses;

  it('asks with the prompt alone, for the count takes no settings of storage', () => {
    const body = { model: 'a', input: 'hi', tools: [CACHED_SEARCH] };
    const made = tokenCounting?.editRequest?.(body, { model: 'b' }, QUIRKS);
    expect(made?.map(({ key }) => key)).toEqual(['model', 'tools']);
  });

  it('reads and writes the count in its own form', () => {
    const answer = { object: 'response.input_tokens', input_tokens: 14 };
    expect(tokenCounting?.write(14)).toEqual(answer);
    expect(tokenCounting?.read(answer)).toBe(14);
    expect(tokenCounting?.read({ input_tokens: -1 })).toBeUndefined();
  });
});

describe('compacting a conversation', () => {
  const inspect = (more: JsonObject) => compaction.inspectRequest({ ...BODY, ...more });

  it('is bounded by the prompt and by one answer', () => {
    const image = { type: 'input_image', image_url: 'https://example.com/a.png' };
    expect(inspect({ input: [{ role: 'user', content: [image] }] })).toMatchObject({
      choices: 1,
      lowersChoices: true,
      images: 1,
      unboundedInput: false,
    });
  });

  it.each<JsonObject>([
    { previous_response_id: 'resp_1' },
    { tools: [{ type: 'web_search' }] },
    { service_tier: 'priority' },
    { stream: true },
  ])('refuses %j', (more) => {
    expect(refusalOf(() => inspect(more))).toMatch(new RegExp(` ${Object.keys(more)[0]}$`));
  });

  it('is charged by the usage that the reply reports, caches apart', () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 109,
    };
    const facts = inspect({});
    expect(compaction.readUsage({ object: 'response.compaction', usage }, facts)).toMatchObject({
      input: { inUncached: 40, inCacheRead: 60 },
      output: { outText: 5, outReasoning: 4 },
    });
    expect(() => compaction.readUsage({ error: { message: 'x' } }, facts)).toThrow('provider');
  });

  it('sends on what OpenAI can read, under its own name of the model', () => {
    const sealed = { type: 'reasoning', encrypted_content: 'hub:gemini:czphYmM', summary: [] };
    const made = compaction.editRequest({ ...BODY, input: [sealed] }, { model: 'b' }, QUIRKS);
    expect(made.map(({ key }) => key)).toEqual(['model', 'input']);
  });
});
