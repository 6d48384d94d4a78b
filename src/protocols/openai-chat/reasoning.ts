// Reasoning in Chat Completions, which OpenAI has not and others carry in `reasoning_content`,
// `reasoning` and `reasoning_details`. A detail that only its maker can read (a signature, an
// encrypted block) is kept whole as one opaque text, so that it returns exactly as it came.

import {
  arrayOf,
  objectOf,
  parseJson,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { AssistantPart } from '../../chat/request.ts';
import { writeForeignJson } from '../foreign-json.ts';
import type { ReasoningField } from '../thinking-words.ts';
import { isOwnSeal, unwrapSeal, wrapSeal } from '../seals.ts';

export const MAKER = 'openai-chat';
/** The tags between which some providers' thinking stands in the text. */
export const THINK = Object.freeze({ open: '<think>', close: '</think>' });
/** The field's name for a signature in Anthropic's own form. */
const CLAUDE_FORMAT = 'anthropic-claude-v1';
const CLAUDE_MAKER = 'anthropic-messages';
const SEALED_FORMAT = 'hub-sealed-v1';

export type ReasoningPart = Extract<AssistantPart, { type: 'thinking' | 'redacted_thinking' }>;

/** One entry of an answer's `reasoning_details`, or undefined for a kind that says nothing here. */
export function readAnswerDetail(value: JsonValue): ReasoningPart | undefined {
  const detail = objectOf(value);
  if (detail === undefined) return undefined;
  if (detail['type'] === 'reasoning.encrypted') {
    return { type: 'redacted_thinking', data: writeForeignJson(detail), maker: MAKER };
  }
  const text = stringOf(detail['text']) ?? stringOf(detail['summary']) ?? '';
  if (typeof detail['signature'] !== 'string' || detail['signature'] === '') {
    return text === '' ? undefined : { type: 'thinking', text };
  }
  const { text: _text, ...rest } = detail;
  return { type: 'thinking', text, signature: writeForeignJson(rest), maker: MAKER };
}

/** The detail that carries a signed or encrypted part to a Chat client; undefined for bare text. */
export function writeAnswerDetail(part: ReasoningPart, index: number): JsonObject | undefined {
  if (part.type === 'redacted_thinking') {
    if (part.maker === MAKER) return objectOf(parseJson(part.data));
    const { opaque: data, format } = sealOf(part.maker, part.data);
    return { type: 'reasoning.encrypted', data, format, index };
  }
  if (part.signature === undefined) return undefined;
  if (part.maker === MAKER) return { ...objectOf(parseJson(part.signature)), text: part.text };
  const { opaque: signature, format } = sealOf(part.maker ?? '', part.signature);
  return { type: 'reasoning.text', text: part.text, signature, format, index };
}

/** Claude's own are known by their format; those of others travel in an envelope. */
function sealOf(maker: string, data: string): { opaque: string; format: string } {
  if (maker === CLAUDE_MAKER) return { opaque: data, format: CLAUDE_FORMAT };
  return { opaque: wrapSeal({ maker, data }, MAKER), format: SEALED_FORMAT };
}

/** The reasoning that a client's history carries in an assistant message. */
export function readHistory(message: JsonObject): ReasoningPart[] {
  const parts = mergeFragments(arrayOf(message['reasoning_details']))
    .map(readHistoryDetail)
    .filter((part) => part !== undefined);
  if (parts.length > 0) return parts;
  const text = stringOf(message['reasoning_content']) ?? stringOf(message['reasoning']) ?? '';
  return text === '' ? [] : [{ type: 'thinking', text }];
}

function readHistoryDetail(detail: JsonObject): ReasoningPart | undefined {
  if (detail['format'] !== CLAUDE_FORMAT && !isSealed(detail)) return readAnswerDetail(detail);
  if (typeof detail['data'] === 'string') {
    return { type: 'redacted_thinking', ...unwrapSeal(detail['data'], CLAUDE_MAKER) };
  }
  const text = stringOf(detail['text']) ?? '';
  const sealed = stringOf(detail['signature']);
  if (sealed === undefined) return text === '' ? undefined : { type: 'thinking', text };
  const { maker, data: signature } = unwrapSeal(sealed, CLAUDE_MAKER);
  return { type: 'thinking', text, signature, maker };
}

/** Whether it holds, in an envelope, what the provider of another protocol made. */
export function isSealed(detail: JsonObject): boolean {
  return [detail['signature'], detail['data']].some(
    (opaque) => typeof opaque === 'string' && opaque !== '' && !isOwnSeal(opaque),
  );
}

/** Clients that store stream fragments as they came send several text entries of one index. */
function mergeFragments(details: readonly JsonValue[]): JsonObject[] {
  const merged: JsonObject[] = [];
  for (const value of details) {
    const detail = objectOf(value);
    if (detail === undefined) continue;
    const last = merged.at(-1);
    const isSameBlock =
      last !== undefined &&
      detail['type'] === 'reasoning.text' &&
      last['type'] === 'reasoning.text' &&
      detail['index'] !== undefined &&
      detail['index'] === last['index'] &&
      !last['signature'];
    if (!isSameBlock) merged.push({ ...detail });
    else {
      const text = (stringOf(last['text']) ?? '') + (stringOf(detail['text']) ?? '');
      Object.assign(last, detail, { text });
    }
  }
  return merged;
}

/** Reasoning on its way back to a provider: fields of the message and what stands before its text. */
export interface WrittenHistory {
  readonly fields: JsonObject;
  readonly parts: JsonObject[];
  readonly tagged: string;
  /** Whether some of it had to stay behind. */
  readonly isPartial: boolean;
}

/** Puts reasoning where the provider takes it; what another protocol made stays behind. */
export function writeHistory(
  parts: readonly ReasoningPart[],
  field: ReasoningField = 'reasoning_content',
): WrittenHistory {
  const own = parts.filter((part) => part.maker === undefined || part.maker === MAKER);
  const text = own.map((part) => (part.type === 'thinking' ? part.text : '')).join('');
  const takesDetails = field === 'reasoning_content' || field === 'reasoning_details';
  const details = takesDetails ? writeDetails(own, field === 'reasoning_details') : [];
  const named = text === '' || field === 'reasoning_details' ? {} : writeText(text, field);
  const isSigned = own.some((part) => part.maker !== undefined);
  return {
    fields: { ...named, ...(details.length > 0 && { reasoning_details: details }) },
    parts: text !== '' && field === 'content_parts' ? [thinkingPart(text)] : [],
    tagged: text !== '' && field === 'think_tags' ? `${THINK.open}${text}${THINK.close}` : '',
    isPartial: own.length < parts.length || (isSigned && !takesDetails),
  };
}

function writeText(text: string, field: ReasoningField): JsonObject {
  return field === 'reasoning_content' || field === 'reasoning' ? { [field]: text } : {};
}

/** Plain text is a detail only where there is no other field for it. */
function writeDetails(parts: readonly ReasoningPart[], withPlain: boolean): JsonObject[] {
  return parts.flatMap((part, index) => {
    const detail = writeAnswerDetail(part, index);
    if (detail !== undefined) return [detail];
    const isPlain = withPlain && part.type === 'thinking' && part.text !== '';
    return isPlain ? [{ type: 'reasoning.text', text: part.text, index }] : [];
  });
}

function thinkingPart(text: string): JsonObject {
  return { type: 'thinking', thinking: [{ type: 'text', text }] };
}
