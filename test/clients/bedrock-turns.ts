// How Bedrock says a turn of Claude's in Converse on the wire: whole as JSON, streamed as frames of
// Amazon's own encoder. Written from Amazon's reference, not from src/protocols.

import { eventFrame } from '../support/bedrock-frames.ts';
import { type Answer, answerJson } from '../support/upstream.ts';
import type { Spent, Turn } from './turns.ts';

/** Answers as Bedrock does, streamed if the address asks for it. */
export function speakBedrock(turn: Turn): Answer {
  return (response, asked) => {
    if (!asked.path.endsWith('/converse-stream')) return answerJson(reply(turn))(response, asked);
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    for (const frame of [...bedrockOpening(turn), ...ending(turn)]) response.write(frame);
    response.end();
    return undefined;
  };
}

function reply({ thinking, text, calls = [], spent }: Turn): object {
  const content = [
    ...(thinking ? [{ reasoningContent: { reasoningText: thinking } }] : []),
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ id, name, input }) => ({ toolUse: { toolUseId: id, name, input } })),
  ];
  return {
    output: { message: { role: 'assistant', content } },
    stopReason: stopReason(calls),
    usage: usageOf(spent),
    metrics: { latencyMs: 5 },
  };
}

/** The frames of an answer before its end. */
export function bedrockOpening({ thinking, text = '', calls = [] }: Turn): Buffer[] {
  const thoughts = pieces(thinking?.text ?? '').map((piece) => ({ text: piece }));
  const signed = thinking ? [{ signature: thinking.signature }] : [];
  const reasoning = [...thoughts, ...signed].map((piece) => ({ reasoningContent: piece }));
  const blocks = [
    ...(thinking ? [{ deltas: reasoning }] : []),
    ...(text === '' ? [] : [{ deltas: pieces(text).map((piece) => ({ text: piece })) }]),
    ...calls.map(({ id, name, input }) => ({
      start: { toolUse: { toolUseId: id, name } },
      deltas: pieces(JSON.stringify(input)).map((piece) => ({ toolUse: { input: piece } })),
    })),
  ];
  const frames = blocks.flatMap(({ start, deltas }: Block, contentBlockIndex) => [
    ...(start ? [eventFrame('contentBlockStart', { contentBlockIndex, start })] : []),
    ...deltas.map((delta) => eventFrame('contentBlockDelta', { contentBlockIndex, delta })),
    eventFrame('contentBlockStop', { contentBlockIndex }),
  ]);
  return [eventFrame('messageStart', { role: 'assistant' }), ...frames];
}

interface Block {
  readonly start?: object;
  readonly deltas: readonly object[];
}

function ending({ calls = [], spent }: Turn): Buffer[] {
  return [
    eventFrame('messageStop', { stopReason: stopReason(calls) }),
    eventFrame('metadata', { usage: usageOf(spent), metrics: { latencyMs: 5 } }),
  ];
}

function stopReason(calls: readonly unknown[]): string {
  return calls.length > 0 ? 'tool_use' : 'end_turn';
}

/** Its input counts stand side by side, as Anthropic's do. */
function usageOf({ uncached, cacheRead = 0, written5m = 0, text }: Spent): object {
  return {
    inputTokens: uncached,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: written5m,
    cacheDetails: [{ ttl: '5m', inputTokens: written5m }],
    outputTokens: text,
    totalTokens: uncached + cacheRead + written5m + text,
  };
}

function pieces(text: string): string[] {
  return text.match(/[^]{1,5}/gu) ?? [];
}
