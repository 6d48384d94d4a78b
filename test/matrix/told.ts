// What a stand-in reads out of a request in its protocol's own wire: the same things whatever the
// protocol, so that they can be held against what the client was told to ask. Written from the
// providers' own references, not from src/protocols.

import type { Asked } from '../support/upstream.ts';

export interface Told {
  readonly stream: boolean;
  readonly system: string;
  readonly user: string;
  /** In base64. */
  readonly images: readonly string[];
  readonly tools: readonly { readonly name: string; readonly schema: unknown }[];
  /** The schema that holds the answer. */
  readonly schema: unknown;
  /** `high` too where it is a budget of tokens that stands for it; `on` where there are no levels. */
  readonly effort: string | undefined;
  /** Whether its thoughts stay with the provider, because nobody asked to read them. */
  readonly hidesThoughts?: boolean;
  /** The opaque or, in protocols without such, plain thoughts of earlier answers. */
  readonly thoughts: readonly string[];
  readonly calls: readonly {
    readonly id?: unknown;
    readonly name: unknown;
    readonly input: unknown;
  }[];
  readonly results: readonly { readonly id?: unknown; readonly text: string }[];
}

export type Reader = (asked: Asked) => Told;

/** The value at this path of keys; undefined where there is none. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((found, key) => (found as Record<string, unknown> | null | undefined)?.[key], value);
}

function list(value: unknown, path: string): unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

function text(value: unknown, path: string): string {
  const found = at(value, path);
  return typeof found === 'string' ? found : '';
}

/** The elements of the lists at this path of each value. */
function all(values: readonly unknown[], path: string): unknown[] {
  return values.flatMap((value) => list(value, path));
}

function texts(values: readonly unknown[], path: string): string {
  return values.map((value) => text(value, path)).join('');
}

/** Content that is one text, or a list of parts that have texts. */
function content(value: unknown, path = 'content'): string {
  return text(value, path) || texts(list(value, path), 'text');
}

function ofRole(messages: readonly unknown[], ...roles: readonly string[]): unknown[] {
  return messages.filter((message) => roles.includes(text(message, 'role')));
}

function present(values: readonly string[]): string[] {
  return values.filter((value) => value !== '');
}

function dataOf(url: string): string {
  return /^data:image\/png;base64,(.*)$/.exec(url)?.[1] ?? `an address: ${url}`;
}

function levelOf(budget: unknown): string | undefined {
  if (typeof budget !== 'number') return undefined;
  return budget > 12_000 ? 'high' : 'lower';
}

const json = (value: string): unknown => JSON.parse(value) as unknown;

/** OpenAI's Chat Completions, with the thoughts that others have there. */
export const readChat: Reader = ({ body }) => {
  const messages = list(body, 'messages');
  const said = ofRole(messages, 'assistant');
  const users = ofRole(messages, 'user');
  return {
    stream: body['stream'] === true,
    system: ofRole(messages, 'system', 'developer')
      .map((each) => content(each))
      .join(''),
    user: users.map((each) => content(each)).join(''),
    images: present(all(users, 'content').map((part) => text(part, 'image_url.url'))).map(dataOf),
    tools: list(body, 'tools').map((tool) => ({
      name: text(tool, 'function.name'),
      schema: at(tool, 'function.parameters'),
    })),
    schema: at(body, 'response_format.json_schema.schema'),
    effort: at(body, 'reasoning_effort') as string | undefined,
    thoughts: present(said.map((each) => text(each, 'reasoning_content'))),
    calls: all(said, 'tool_calls').map((call) => ({
      id: at(call, 'id'),
      name: at(call, 'function.name'),
      input: json(text(call, 'function.arguments')),
    })),
    results: ofRole(messages, 'tool').map((each) => ({
      id: at(each, 'tool_call_id'),
      text: content(each),
    })),
  };
};

/** OpenAI's Responses. */
export const readResponses: Reader = ({ body }) => {
  const input = list(body, 'input');
  const ofType = (type: string) => input.filter((item) => text(item, 'type') === type);
  const users = ofRole(input, 'user');
  const instructed = ofRole(input, 'system', 'developer').map((each) => content(each));
  return {
    stream: body['stream'] === true,
    system: [text(body, 'instructions'), ...instructed].join(''),
    user: users.map((each) => content(each)).join(''),
    images: present(all(users, 'content').map((part) => text(part, 'image_url'))).map(dataOf),
    tools: list(body, 'tools').map((tool) => ({
      name: text(tool, 'name'),
      schema: at(tool, 'parameters'),
    })),
    schema: at(body, 'text.format.schema'),
    effort: at(body, 'reasoning.effort') as string | undefined,
    hidesThoughts: at(body, 'reasoning.summary') === undefined,
    thoughts: present(ofType('reasoning').map((item) => text(item, 'encrypted_content'))),
    calls: ofType('function_call').map((call) => ({
      id: at(call, 'call_id'),
      name: at(call, 'name'),
      input: json(text(call, 'arguments')),
    })),
    results: ofType('function_call_output').map((item) => ({
      id: at(item, 'call_id'),
      text: content(item, 'output'),
    })),
  };
};

/** Anthropic's Messages. */
export const readMessages: Reader = ({ body }) => {
  const messages = list(body, 'messages');
  const said = all(ofRole(messages, 'assistant'), 'content');
  const users = ofRole(messages, 'user');
  const ofType = (blocks: unknown[], type: string) =>
    blocks.filter((block) => text(block, 'type') === type);
  return {
    stream: body['stream'] === true,
    system: content(body, 'system'),
    user: users.map((each) => content(each)).join(''),
    images: ofType(all(users, 'content'), 'image').map((block) => text(block, 'source.data')),
    tools: list(body, 'tools').map((tool) => ({
      name: text(tool, 'name'),
      schema: at(tool, 'input_schema'),
    })),
    schema: at(body, 'output_config.format.schema'),
    effort:
      (at(body, 'output_config.effort') as string | undefined) ??
      levelOf(at(body, 'thinking.budget_tokens')),
    thoughts: ofType(said, 'thinking').map((block) => text(block, 'signature')),
    calls: ofType(said, 'tool_use').map((block) => ({
      id: at(block, 'id'),
      name: at(block, 'name'),
      input: at(block, 'input'),
    })),
    results: ofType(all(users, 'content'), 'tool_result').map((block) => ({
      id: at(block, 'tool_use_id'),
      text: content(block),
    })),
  };
};

/** Google's Gemini. */
export const readGemini: Reader = ({ body, path }) => {
  const contents = list(body, 'contents');
  const said = all(ofRole(contents, 'model'), 'parts');
  const users = all(ofRole(contents, 'user'), 'parts');
  const config = at(body, 'generationConfig');
  const having = (parts: unknown[], key: string) =>
    parts.flatMap((part) => (at(part, key) === undefined ? [] : [at(part, key)]));
  return {
    stream: path.includes(':streamGenerateContent'),
    system: texts(list(body, 'systemInstruction.parts'), 'text'),
    user: texts(users, 'text'),
    images: having(users, 'inlineData').map((data) => text(data, 'data')),
    tools: all(list(body, 'tools'), 'functionDeclarations').map((tool) => ({
      name: text(tool, 'name'),
      schema: at(tool, 'parametersJsonSchema') ?? at(tool, 'parameters'),
    })),
    schema: at(config, 'responseJsonSchema') ?? at(config, 'responseSchema'),
    effort:
      text(config, 'thinkingConfig.thinkingLevel').toLowerCase() ||
      levelOf(at(config, 'thinkingConfig.thinkingBudget')),
    thoughts: present(said.map((part) => text(part, 'thoughtSignature'))).filter(
      (signature) => signature !== 'skip_thought_signature_validator',
    ),
    calls: having(said, 'functionCall').map((call) => ({
      id: at(call, 'id'),
      name: at(call, 'name'),
      input: at(call, 'args'),
    })),
    results: having(users, 'functionResponse').map((answer) => ({
      id: at(answer, 'id'),
      text: text(answer, 'response.output') || text(answer, 'response.content'),
    })),
  };
};

/** Google's Interactions. */
export const readInteractions: Reader = ({ body }) => {
  const input = list(body, 'input');
  const ofType = (items: readonly unknown[], type: string) =>
    items.filter((item) => text(item, 'type') === type);
  const users = all(ofType(input, 'user_input'), 'content');
  return {
    stream: body['stream'] === true,
    system: text(body, 'system_instruction'),
    user: texts(users, 'text'),
    images: ofType(users, 'image').map((image) => text(image, 'data')),
    tools: list(body, 'tools').map((tool) => ({
      name: text(tool, 'name'),
      schema: at(tool, 'parameters'),
    })),
    schema: at(body, 'response_format.schema'),
    effort: at(body, 'generation_config.thinking_level') as string | undefined,
    thoughts: present(ofType(input, 'thought').map((step) => text(step, 'signature'))),
    calls: ofType(input, 'function_call').map((call) => ({
      id: at(call, 'id'),
      name: at(call, 'name'),
      input: at(call, 'arguments'),
    })),
    results: ofType(input, 'function_result').map((result) => ({
      id: at(result, 'call_id'),
      text: content(result, 'result'),
    })),
  };
};

/** Amazon's Converse. */
export const readConverse: Reader = ({ body, path }) => {
  const messages = list(body, 'messages');
  const said = all(ofRole(messages, 'assistant'), 'content');
  const users = all(ofRole(messages, 'user'), 'content');
  const having = (blocks: unknown[], key: string) =>
    blocks.flatMap((block) => (at(block, key) === undefined ? [] : [at(block, key)]));
  const schema = text(body, 'outputConfig.textFormat.structure.jsonSchema.schema');
  return {
    stream: path.endsWith('/converse-stream'),
    system: texts(list(body, 'system'), 'text'),
    user: texts(users, 'text'),
    images: having(users, 'image').map((image) => text(image, 'source.bytes')),
    tools: list(body, 'toolConfig.tools').map((tool) => ({
      name: text(tool, 'toolSpec.name'),
      schema: at(tool, 'toolSpec.inputSchema.json'),
    })),
    schema: schema === '' ? undefined : json(schema),
    effort: levelOf(at(body, 'additionalModelRequestFields.thinking.budget_tokens')),
    thoughts: having(said, 'reasoningContent').map((block) =>
      text(block, 'reasoningText.signature'),
    ),
    calls: having(said, 'toolUse').map((use) => ({
      id: at(use, 'toolUseId'),
      name: at(use, 'name'),
      input: at(use, 'input'),
    })),
    results: having(users, 'toolResult').map((result) => ({
      id: at(result, 'toolUseId'),
      text: content(result),
    })),
  };
};

/** Cohere's chat, which is near to OpenAI's. */
export const readCohere: Reader = (asked) => {
  const { body } = asked;
  const said = ofRole(list(body, 'messages'), 'assistant');
  return {
    ...readChat(asked),
    schema: at(body, 'response_format.json_schema'),
    effort: undefined,
    thoughts: present([
      texts(all(said, 'content'), 'thinking'),
      ...said.map((each) => text(each, 'tool_plan')),
    ]),
  };
};

/** Ollama's chat. */
export const readOllama: Reader = ({ body }) => {
  const messages = list(body, 'messages');
  const said = ofRole(messages, 'assistant');
  const users = ofRole(messages, 'user');
  return {
    stream: body['stream'] !== false,
    system: texts(ofRole(messages, 'system'), 'content'),
    user: texts(users, 'content'),
    images: all(users, 'images').map(String),
    tools: list(body, 'tools').map((tool) => ({
      name: text(tool, 'function.name'),
      schema: at(tool, 'function.parameters'),
    })),
    schema: at(body, 'format'),
    effort: at(body, 'think') === true ? 'on' : (at(body, 'think') as string | undefined),
    thoughts: present(said.map((each) => text(each, 'thinking'))),
    calls: all(said, 'tool_calls').map((call) => ({
      id: at(call, 'id'),
      name: at(call, 'function.name'),
      input: at(call, 'function.arguments'),
    })),
    results: ofRole(messages, 'tool').map((each) => ({
      id: at(each, 'tool_call_id'),
      text: text(each, 'content'),
    })),
  };
};
