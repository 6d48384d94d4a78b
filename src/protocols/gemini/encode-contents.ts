// Writes messages for a Gemini provider. Roles alternate, so what comes from one side in a row is one
// content; none is empty. Signatures return to the parts that they stood on, and a call of the
// running turn that Gemini did not sign gets the signature that Google documents for it.

import { isObject, parseJson, type JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  TextPart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import { invalid } from '../fields.ts';
import type { Quirks } from '../protocol.ts';
import { MAKER } from './maker.ts';
import { writeMedia } from './media.ts';
import { NO_SIGNATURE, placeSignatures } from './signatures.ts';
import { thinksByLevel } from './thinking.ts';

/** The system messages before the first other one; undefined where they say nothing. */
export function encodeSystem(messages: readonly ChatMessage[]): JsonObject | undefined {
  const parts = messages
    .slice(0, leadingSystemCount(messages))
    .flatMap(({ role, ...rest }) => (role === 'system' ? writeTexts(rest as Texts) : []));
  return parts.length === 0 ? undefined : { parts };
}

type Texts = { readonly content: readonly TextPart[] };

/** The messages after the leading system messages. */
export function encodeContents(
  messages: readonly ChatMessage[],
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject[] {
  const isThird = thinksByLevel(quirks);
  const turnStart = messages.findLastIndex(({ role }) => role === 'user');
  const contents: { readonly role: string; readonly parts: JsonObject[] }[] = [];
  let names = new Map<string, string>();

  function add(role: 'user' | 'model', parts: readonly JsonObject[]): void {
    if (parts.length === 0) return;
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts: [...parts] });
  }

  const first = leadingSystemCount(messages);
  for (const [i, message] of messages.entries()) {
    noteHints(message, dropped);
    if (i < first) continue;
    switch (message.role) {
      case 'system':
        add('user', writeTexts({ content: message.content.map(asUserText) }));
        break;
      case 'user':
        add('user', message.content.flatMap(writeUserPart));
        break;
      case 'assistant':
        names = namesOf(message.content);
        add('model', writeAssistant(message.content, isThird, i > turnStart, dropped));
        break;
      case 'tool':
        add('user', writeResults(message.results, names, isThird));
    }
  }
  if (contents.length === 0) {
    throw invalid('messages', '`messages` must hold a user message with some content.');
  }
  return contents.map(({ role, parts }) => ({ role, parts }));
}

function leadingSystemCount(messages: readonly ChatMessage[]): number {
  const first = messages.findIndex((message) => message.role !== 'system');
  return first < 0 ? messages.length : first;
}

/** Keeps the place of an instruction: a conversation has one system instruction, at its head. */
function asUserText(part: TextPart): TextPart {
  return part.text.trim() === '' ? part : { ...part, text: `<system>\n${part.text}\n</system>` };
}

function writeTexts({ content }: Texts): JsonObject[] {
  return content.flatMap(writeUserPart);
}

function writeUserPart(part: UserPart): JsonObject[] {
  if (part.type !== 'text') return [writeMedia(part)];
  return part.text === '' ? [] : [{ text: part.text }];
}

function namesOf(parts: readonly AssistantPart[]): Map<string, string> {
  return new Map(
    parts.flatMap((part): [string, string][] =>
      part.type === 'tool_call' ? [[part.id, part.name]] : [],
    ),
  );
}

/** The third generation refuses a step of the running turn whose first call has no signature. */
function writeAssistant(
  content: readonly AssistantPart[],
  isThird: boolean,
  isRunning: boolean,
  dropped: Set<string>,
): JsonObject[] {
  const signatures = placeSignatures();
  const written: JsonObject[] = [];
  let isUnsigned = isThird && isRunning;
  for (const part of isThird ? signFirstCall(content) : content) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (part.text !== '') written.push(signatures.place({ text: part.text }));
        break;
      case 'tool_call': {
        const call = signatures.place(writeCall(part));
        written.push(isUnsigned ? { thoughtSignature: NO_SIGNATURE, ...call } : call);
        isUnsigned = false;
        break;
      }
      case 'thinking':
        if (part.maker === MAKER && part.signature !== undefined) {
          written.push(...signatures.owed());
          if (part.text !== '') written.push({ text: part.text, thought: true });
          signatures.sign(part.signature);
        } else dropped.add('messages.reasoning');
        break;
      case 'redacted_thinking':
        dropped.add('messages.reasoning');
    }
  }
  return [...written, ...signatures.owed()];
}

/**
 * Clients of Chat keep all that was thought before all that was said, and calls behind it. Of a turn
 * with calls the third generation always signs the first one, so the newest signature is its.
 */
function signFirstCall(parts: readonly AssistantPart[]): readonly AssistantPart[] {
  const first = parts.findIndex(({ type }) => type === 'tool_call');
  const before = parts.slice(0, Math.max(first, 0));
  const at = before.findLastIndex(
    (part) => part.type === 'thinking' && part.maker === MAKER && part.signature !== undefined,
  );
  return at < 0 ? parts : [...before.toSpliced(at, 1), parts[at]!, ...parts.slice(first)];
}

function writeCall({ id, name, argumentsJson }: ToolCallPart): JsonObject {
  const args = parseJson(argumentsJson);
  if (!isObject(args)) {
    throw invalid(
      'messages.tool_calls.function.arguments',
      'The arguments of an earlier tool call are not a JSON object.',
    );
  }
  return { functionCall: { id, name, args } };
}

/** The second generation takes no media in the answers of functions: they follow behind them. */
function writeResults(
  results: readonly ToolResult[],
  names: ReadonlyMap<string, string>,
  isThird: boolean,
): JsonObject[] {
  const behind: JsonObject[] = [];
  const answers = results.map(({ callId, content, isError }) => {
    const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const media = content.flatMap((part) => (part.type === 'text' ? [] : [writeMedia(part)]));
    if (!isThird) behind.push(...media);
    const text = texts.join('\n');
    return {
      functionResponse: {
        id: callId,
        name: names.get(callId) ?? callId,
        response: isError ? { error: text } : { output: text },
        ...(isThird && media.length > 0 && { parts: media }),
      },
    };
  });
  return [...answers, ...behind];
}

/** Prompt caches keep themselves, and citations and details have no field. */
function noteHints(message: ChatMessage, dropped: Set<string>): void {
  const parts = message.role === 'tool' ? message.results : message.content;
  for (const part of parts) {
    if ('cache' in part && part.cache) dropped.add('cache_control');
    if ('citations' in part && part.citations) dropped.add('messages.content.citations');
    if ('detail' in part && part.detail && part.detail !== 'auto')
      dropped.add('messages.content.detail');
  }
}
