// What an answer says, read from its bytes: by the recording's side to know what was meant, and by
// the client's side to know what arrived. Small and literal, and no part of it is from src: a
// mistake of the hub's own decoders must not be repeated here. One reader a protocol.

import { type Draft, type Loose, type Reading, closeDraft } from './draft.ts';
import { readEvents, readFrames, readLines } from './framing.ts';
import { readChat } from './read-chat.ts';
import { readCohere } from './read-cohere.ts';
import { readConverse } from './read-converse.ts';
import { readGemini } from './read-gemini.ts';
import { readInteractions } from './read-interactions.ts';
import { readMessages } from './read-messages.ts';
import { readOllama } from './read-ollama.ts';
import { readResponses, readSnapshot } from './read-responses.ts';
import type { Wire } from './wires.ts';

export type { Reading } from './draft.ts';

interface Reader {
  readonly frames: (bytes: Buffer) => Loose[];
  readonly read: (parts: readonly Loose[], isStream: boolean) => Draft;
}

const READERS: Readonly<Record<Wire, Reader>> = Object.freeze({
  'openai-chat': { frames: readEvents, read: readChat },
  'openai-completions': { frames: readEvents, read: readChat },
  'openai-responses': { frames: readEvents, read: readResponses },
  'anthropic-messages': { frames: readEvents, read: readMessages },
  gemini: { frames: readEvents, read: readGemini },
  'gemini-interactions': { frames: readEvents, read: readInteractions },
  'bedrock-converse': { frames: readFrames, read: readConverse },
  'cohere-chat': { frames: readEvents, read: readCohere },
  'ollama-chat': { frames: readLines, read: readOllama },
});

/** Throws where the bytes are no answer of this protocol. */
export function readAnswer(wire: Wire, isStream: boolean, bytes: Buffer): Reading {
  const { frames, read } = READERS[wire];
  const parts = isStream ? frames(bytes) : readWhole(bytes);
  const draft = read(parts, isStream);
  draft.failed ||= parts.some((part) => Boolean(part['error']));
  return closeDraft(draft);
}

/** What the last event of a Responses stream repeats of all the others. */
export function readLastWord(bytes: Buffer): Reading {
  return closeDraft(readSnapshot(readEvents(bytes)));
}

/** Gemini's streams are one JSON array where no events were asked for. */
function readWhole(bytes: Buffer): Loose[] {
  const body = JSON.parse(bytes.toString('utf8')) as Loose;
  return Array.isArray(body) ? (body as Loose[]) : [body];
}
