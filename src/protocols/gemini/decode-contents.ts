// Reads the contents of a generateContent body. Calls may come without ids: then each gets one from
// its place, the same whenever the conversation is sent again, and answers are paired with calls by
// name in their order. The answers of one turn become one message, in the order of the calls.

import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  TextPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  readArray,
  readName,
  readObject,
  readOptionalArray,
  readOptionalString,
  untranslatable,
} from '../fields.ts';
import { type Seal, unwrapSeal } from '../seals.ts';
import { MAKER } from './maker.ts';
import { readMedia } from './media.ts';
import { NO_SIGNATURE } from './signatures.ts';
import { join, respell } from './spelling.ts';

const PART_KEYS: ReadonlySet<string> = new Set([
  'text',
  'thought',
  'thoughtSignature',
  'functionCall',
  'functionResponse',
  'inlineData',
  'fileData',
]);
/** Tools that the provider runs, and what only it can have made. */
const UNSAYABLE = Object.freeze([
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
  'audioTranscription',
]);

interface PlacedPart {
  readonly part: JsonObject;
  readonly path: string;
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  isAnswered: boolean;
}

/** Throws `invalid_request` or `unsupported_parameter`; notes dropped fields in `dropped`. */
export function decodeContents(list: readonly JsonValue[], dropped: Set<string>): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let calls: OpenCall[] = [];
  let results: ToolResult[] = [];
  /** The model's, while nothing else has come: clients keep a stream's chunks as so many contents. */
  let turn: AssistantPart[] | undefined;

  function closeResults(): void {
    const order = (result: ToolResult): number => calls.findIndex(({ id }) => id === result.callId);
    if (results.length > 0) {
      messages.push({ role: 'tool', results: results.toSorted((a, b) => order(a) - order(b)) });
    }
    results = [];
  }

  function readModel(parts: readonly PlacedPart[], i: number): void {
    closeResults();
    if (parts.length === 0) return;
    if (turn === undefined) {
      turn = [];
      messages.push({ role: 'assistant', content: turn });
    }
    readModelParts(turn, parts, i);
    calls = turn.flatMap((part) =>
      part.type === 'tool_call' ? [{ id: part.id, name: part.name, isAnswered: false }] : [],
    );
  }

  function readUser(parts: readonly PlacedPart[]): void {
    const content: UserPart[] = [];
    if (parts.length > 0) turn = undefined;
    for (const { part, path } of parts) {
      if (!isSet(part['functionResponse'])) content.push(...readUserPart(part, path));
      else results.push(readResult(part['functionResponse'], `${path}.functionResponse`, calls));
    }
    if (content.length === 0) return;
    closeResults();
    messages.push({ role: 'user', content });
  }

  for (const [i, value] of list.entries()) {
    const content = readObject(value, `contents[${i}]`);
    const parts = readParts(content, `contents[${i}]`, dropped);
    if (content['role'] === 'model') readModel(parts, i);
    else if (isUser(content['role'])) readUser(parts);
    else throw invalid(`contents[${i}].role`, `\`contents[${i}].role\` is not a known role.`);
  }
  closeResults();
  // A turn of nothing but empty texts is none.
  const said = messages.filter((each) => each.role !== 'assistant' || each.content.length > 0);
  if (said.length === 0) throw invalid('contents', '`contents` must not be empty.');
  return said;
}

/** The older API had a role of its own for the answers of functions. */
function isUser(role: JsonValue | undefined): boolean {
  return !isSet(role) || role === 'user' || role === 'function' || role === '';
}

/** The system instruction's texts. */
export function readTexts(content: JsonObject, path: string, dropped: Set<string>): TextPart[] {
  return readParts(content, path, dropped).map(({ part, path: at }) => {
    if (typeof part['text'] !== 'string') throw untranslatable(at);
    return { type: 'text', text: part['text'] };
  });
}

function readParts(content: JsonObject, path: string, dropped: Set<string>): PlacedPart[] {
  const { parts = [] } = content;
  return readArray(isObject(parts) ? [parts] : parts, `${path}.parts`).map((value, j) => {
    const at = `${path}.parts[${j}]`;
    const part = respell(readObject(value, at), at);
    const unsayable = UNSAYABLE.find((key) => isSet(part[key]));
    if (unsayable !== undefined) throw untranslatable(join(at, unsayable));
    noteUnknown(part, PART_KEYS, 'contents.parts', dropped);
    return { part, path: at };
  });
}

function readUserPart(part: JsonObject, path: string): UserPart[] {
  if (isSet(part['inlineData']) || isSet(part['fileData'])) return [readMedia(part, path)];
  if (typeof part['text'] === 'string') return [{ type: 'text', text: part['text'] }];
  throw untranslatable(path);
}

/** Adds what these parts say to the turn. */
function readModelParts(
  read: AssistantPart[],
  parts: readonly PlacedPart[],
  contentIndex: number,
): void {
  let calls = 0;
  for (const { part, path } of parts) {
    const seal = readSeal(part, path);
    if (part['thought'] === true) {
      addThought(read, readOptionalString(part['text'], `${path}.text`) ?? '', seal);
      continue;
    }
    if (seal !== undefined) addSignature(read, seal);
    if (isSet(part['functionCall'])) {
      const at = `${path}.functionCall`;
      const call = readObject(part['functionCall'], at);
      const args = readObject(call['args'] ?? {}, `${at}.args`);
      const id = readOptionalString(call['id'], `${at}.id`) || `call_${contentIndex}_${calls}`;
      const name = readName(call['name'], `${at}.name`);
      read.push({ type: 'tool_call', id, name, argumentsJson: JSON.stringify(args) });
      calls += 1;
    } else if (typeof part['text'] === 'string') addText(read, part['text'], seal === undefined);
    else throw untranslatable(path);
  }
}

function readSeal(part: JsonObject, path: string): Seal | undefined {
  const sealed = readOptionalString(part['thoughtSignature'], `${path}.thoughtSignature`) ?? '';
  return sealed === '' || sealed === NO_SIGNATURE ? undefined : unwrapSeal(sealed, MAKER);
}

/** Parts that a stream brought one after another are one text. */
function addText(read: AssistantPart[], text: string, joins: boolean): void {
  const last = read.at(-1);
  if (text === '') return;
  if (joins && last?.type === 'text') {
    read[read.length - 1] = { type: 'text', text: last.text + text };
  } else read.push({ type: 'text', text });
}

/** A seal of another maker on an empty thought is an encrypted one: Gemini makes none of them. */
function addThought(read: AssistantPart[], text: string, seal: Seal | undefined): void {
  if (text === '' && seal !== undefined && seal.maker !== MAKER) {
    read.push({ type: 'redacted_thinking', ...seal });
    return;
  }
  const last = read.at(-1);
  if (last?.type === 'thinking' && last.signature === undefined) {
    read[read.length - 1] = { type: 'thinking', text: last.text + text };
  } else if (text !== '') read.push({ type: 'thinking', text });
  if (seal !== undefined) addSignature(read, seal);
}

function addSignature(read: AssistantPart[], { maker, data }: Seal): void {
  const last = read.at(-1);
  const open = last?.type === 'thinking' && last.signature === undefined ? last : undefined;
  if (open !== undefined) read.pop();
  read.push({ type: 'thinking', text: open?.text ?? '', signature: data, maker });
}

function readResult(value: JsonValue, path: string, calls: readonly OpenCall[]): ToolResult {
  const result = readObject(value, path);
  const name = readName(result['name'], `${path}.name`);
  const id = readOptionalString(result['id'], `${path}.id`) ?? '';
  const call =
    calls.find((each) => each.id === id && !each.isAnswered) ??
    calls.find((each) => each.name === name && !each.isAnswered);
  if (call === undefined) {
    throw invalid(`${path}.name`, `\`${path}.name\` names no call of the model turn before it.`);
  }
  call.isAnswered = true;
  const { text, isError } = readResponse(result['response'], `${path}.response`);
  const media = readOptionalArray(result['parts'], `${path}.parts`).map((part, j) => {
    const at = `${path}.parts[${j}]`;
    const read = readMedia(respell(readObject(part, at), at), at);
    if (read.type === 'audio') throw untranslatable(at);
    return read;
  });
  const isSilent = text === '' && media.length > 0;
  const content = [...(isSilent ? [] : [{ type: 'text' as const, text }]), ...media];
  return { callId: call.id, content, isError };
}

/** The text of a function's answer: of its `output`, `result` or `error`, or of the whole of it. */
function readResponse(
  value: JsonValue | undefined,
  path: string,
): { readonly text: string; readonly isError: boolean } {
  if (typeof value === 'string') return { text: value, isError: false };
  const response = isSet(value) ? readObject(value, path) : {};
  const [key, ...others] = Object.keys(response);
  const isError = key === 'error' && others.length === 0;
  const isWrapped = isError || ((key === 'output' || key === 'result') && others.length === 0);
  const inner = isWrapped ? response[key ?? ''] : response;
  if (Object.keys(response).length === 0) return { text: '', isError };
  return { text: typeof inner === 'string' ? inner : JSON.stringify(inner), isError };
}

/** The content of a system instruction, which may be a bare text. */
export function readContent(value: JsonValue, path: string): JsonObject {
  return typeof value === 'string' ? { parts: [{ text: value }] } : readObject(value, path);
}
