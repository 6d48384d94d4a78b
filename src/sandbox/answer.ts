// Decides what a model answers, as a list of pieces of about one token each. Streamed and whole
// answers are both made from these pieces, and so is the usage, so the three cannot disagree.

import { loremTokens, loremWords } from './lorem.ts';
import { SANDBOX_MAX_OUTPUT_TOKENS } from './models.ts';
import { type Order, readWork } from './orders.ts';
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
  const calls = callsOf(request);
  for (const { tool, argumentsJson } of calls) {
    yield { kind: 'call', text: tool };
    yield* piecesOf('arguments', argumentsJson);
  }
  if (calls.length === 0) {
    yield* piecesOf('text', cutAtStop(answerText(request), request.stop));
  }
}

function callsOf(request: SandboxRequest): Order[] {
  const tool = request.chosenTool;
  if (!tool) return [];
  if (request.model === 'agent') {
    const { next } = readWork(request.messages);
    return next && request.tools.some(({ name }) => name === next.tool) ? [next] : [];
  }
  if (!callsTool(request)) return [];
  const argumentsJson = JSON.stringify(sampleSchema({ ...tool.parameters, type: 'object' }));
  const call = { tool: tool.name, argumentsJson };
  return wantsTwoCalls(request) ? [call, call] : [call];
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
  switch (request.model) {
    case 'echo':
      return request.userText;
    case 'tools':
      return quote(toolResults(request)) ?? request.userText;
    case 'agent':
      return reportWork(request);
    default:
      return loremText(request.userText);
  }
}

function reportWork({ messages, tools, chosenTool, userText }: SandboxRequest): string {
  const { next, results } = readWork(messages);
  if (next && chosenTool) {
    const names = tools.map(({ name }) => name).join(', ');
    return `There is no tool ${next.tool} to call, but: ${names}`;
  }
  return quote(results) ?? userText;
}

function quote(results: readonly string[]): string | undefined {
  if (results.length === 0) return undefined;
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
