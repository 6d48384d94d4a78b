// Reasoning items, both ways. What only its maker can read, an item's id and encrypted content, is
// one opaque signature to every other protocol; what other makers signed travels in the encrypted
// content, sealed.

import {
  arrayOf,
  objectOf,
  parseJson,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { AssistantPart } from '../../chat/request.ts';
import {
  isOwnSeal,
  type SealedBlock,
  unwrapBlock,
  unwrapSeal,
  wrapBlock,
  wrapSeal,
} from '../seals.ts';

export const MAKER = 'openai-responses';

/** Says of a seal that nobody signed what is in it: it is the thought itself. */
const PLAIN = 'plain';

export type ReasoningPart = Extract<AssistantPart, { type: 'thinking' | 'redacted_thinking' }>;

/** Between the parts of a summary, which other protocols have as one text. */
export const SUMMARY_BREAK = '\n\n';

/** The opaque part of an item; undefined where the item has none. */
export function readSeal(item: JsonObject): ReasoningPart | undefined {
  const encrypted = stringOf(item['encrypted_content']) ?? '';
  if (encrypted === '') return undefined;
  const { maker, data } = unwrapSeal(encrypted, MAKER);
  if (maker === PLAIN) return { type: 'thinking', text: data };
  const block = unwrapBlock(encrypted, MAKER);
  if (block.type === 'redacted_thinking') return block;
  if (block.maker !== MAKER) return { ...block, text: '' };
  const own = { id: stringOf(item['id']) ?? '', encrypted_content: encrypted };
  return { ...block, text: '', signature: JSON.stringify(own) };
}

/** The encrypted content that carries an opaque part to a client. */
export function writeSeal(block: SealedBlock): string {
  if (block.type === 'redacted_thinking' || block.maker !== MAKER) return wrapBlock(block, MAKER);
  return stringOf(readOwn(block.signature)['encrypted_content']) ?? '';
}

/**
 * The encrypted content of a thought that nobody signed: some clients send back no reasoning without,
 * and models that think want to read theirs again.
 */
export function sealPlain(text: string): string {
  return text === '' ? '' : wrapSeal({ maker: PLAIN, data: text }, MAKER);
}

/** The part of an item of a history; undefined where nothing of it can go anywhere. */
export function readReasoning(item: JsonObject): ReasoningPart | undefined {
  const text = reasoningText(item);
  const seal = readSeal(item);
  if (seal?.type === 'redacted_thinking') return seal;
  if (seal !== undefined) return { ...seal, text: seal.text || text };
  return text === '' ? undefined : { type: 'thinking', text };
}

/** The summary, or where a server shows it the reasoning itself. */
export function reasoningText(item: JsonObject): string {
  const summary = textsOf(item['summary']).join(SUMMARY_BREAK);
  return summary === '' ? textsOf(item['content']).join(SUMMARY_BREAK) : summary;
}

function textsOf(parts: JsonValue | undefined): string[] {
  return arrayOf(parts).map((part) => stringOf(objectOf(part)?.['text']) ?? '');
}

/** The item that returns a part to its provider; undefined for what another maker signed. */
export function writeReasoning(part: ReasoningPart): JsonObject | undefined {
  if (part.type === 'redacted_thinking' || part.maker !== MAKER) return undefined;
  const { id, encrypted_content } = readOwn(part.signature ?? '');
  const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }];
  return {
    type: 'reasoning',
    ...(typeof id === 'string' && id !== '' && { id }),
    summary,
    encrypted_content,
  };
}

function readOwn(signature: string): JsonObject {
  return objectOf(parseJson(signature)) ?? {};
}

/**
 * Whether OpenAI would refuse a history for this item: it was sealed for another maker, or it holds
 * nothing but the name of what was never stored.
 */
export function isUnreadable(value: JsonValue): boolean {
  const item = objectOf(value);
  if (item?.['type'] !== 'reasoning') return false;
  const encrypted = stringOf(item['encrypted_content']) ?? '';
  if (encrypted !== '') return !isOwnSeal(encrypted);
  return arrayOf(item['content']).length === 0;
}
