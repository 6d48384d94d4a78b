// Decides what a model answers, as a list of pieces of about one token each. Streamed and whole
// answers are both made from these pieces, and so is the usage, so the three cannot disagree.

import { loremTokens, loremWords } from './lorem.ts';
import { SANDBOX_MAX_OUTPUT_TOKENS } from './models.ts';
import type { SandboxRequest } from './request.ts';
import { sampleSchema } from './schema-sample.ts';
import { countTokens, splitTokens } from './tokens.ts';

/** `call` opens a tool call with its name; `arguments` continues the call that was opened last. */
export interface Piece {
  readonly kind: 'reasoning' | 'text' | 'call' | 'arguments';
  readonly text: string;
}

export interface Answer {
  readonly pieces: readonly Piece[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  /** Reasoning included. */
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

const DEFAULT_LOREM_TOKENS = 120;

/** The answer to a request; the same request has the same answer. */
export function planAnswer(request: SandboxRequest): Answer {
  const pieces: Piece[] = [];
  let completionTokens = 0;
  let reasoningTokens = 0;
  for (const piece of answerPieces(request)) {
    const tokens = piece.kind === 'call' ? countTokens(piece.text) : 1;
    if (completionTokens + tokens > request.outputCap) {
      return { pieces, finishReason: 'length', completionTokens, reasoningTokens };
    }
    pieces.push(piece);
    completionTokens += tokens;
    if (piece.kind === 'reasoning') reasoningTokens += 1;
  }
  const finishReason = pieces.some((piece) => piece.kind === 'call') ? 'tool_calls' : 'stop';
  return { pieces, finishReason, completionTokens, reasoningTokens };
}

function* answerPieces(request: SandboxRequest): Generator<Piece> {
  yield* piecesOf('reasoning', loremTokens(request.reasoningTokens));
  const tool = callsTool(request) ? request.chosenTool : undefined;
  if (tool === undefined) {
    yield* piecesOf('text', cutAtStop(answerText(request), request.stop));
    return;
  }
  const argumentsJson = JSON.stringify(sampleSchema({ ...tool.parameters, type: 'object' }));
  for (let calls = wantsTwoCalls(request) ? 2 : 1; calls > 0; calls--) {
    yield { kind: 'call', text: tool.name };
    yield* piecesOf('arguments', argumentsJson);
  }
}

function* piecesOf(kind: Piece['kind'], text: string): Generator<Piece> {
  for (const token of splitTokens(text)) yield { kind, text: token };
}

/** A turn that already brings tool results is answered in words, or an agent would loop for ever. */
function callsTool(request: SandboxRequest): boolean {
  return (
    request.model === 'tools' &&
    request.messages.at(-1)?.role === 'user' &&
    toolResults(request).length === 0
  );
}

function wantsTwoCalls(request: SandboxRequest): boolean {
  return request.parallelToolCalls && /twice|parallel/i.test(request.userText);
}

function answerText(request: SandboxRequest): string {
  if (request.answerSchema) return JSON.stringify(sampleSchema(request.answerSchema));
  if (request.model === 'echo') return request.userText;
  if (request.model !== 'tools') return loremText(request.userText);
  const results = toolResults(request);
  if (results.length === 0) return request.userText;
  return results.map((result) => `The tool answered: "${result}"`).join('\n');
}

/** The results that came after the last word of the assistant. */
function toolResults(request: SandboxRequest): string[] {
  const { messages } = request;
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  return turn.filter(({ role }) => role === 'tool').map(({ text }) => text);
}

function loremText(userText: string): string {
  const [, digits, unit] = /(\d{1,9}) (token|word)s?\b/i.exec(userText) ?? [];
  // One more than the cap, so that an answer which the model's own limit cuts says `length`.
  const wanted = Math.min(Number(digits ?? DEFAULT_LOREM_TOKENS), SANDBOX_MAX_OUTPUT_TOKENS + 1);
  return unit?.toLowerCase() === 'word' ? loremWords(wanted) : loremTokens(wanted);
}

function cutAtStop(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}
