// Converse answers for the tests: streams as frames of Amazon's own encoder.

import { readAwsEventStream } from '../../../src/base/aws-event-stream.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { eventFrame } from '../../support/bedrock-frames.ts';
import { QUIRKS } from '../streams.ts';

export const bedrock = PROTOCOLS['bedrock-converse'];

/** The events of a stream that came in these chunks. */
export function decode(...chunks: readonly Buffer[]): ChatEvent[] {
  const reader = readAwsEventStream();
  const decoder = bedrock.decodeEvents(QUIRKS);
  const frames = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

export const start = (): Buffer => eventFrame('messageStart', { role: 'assistant' });

export const delta = (contentBlockIndex: number, value: object): Buffer =>
  eventFrame('contentBlockDelta', { contentBlockIndex, delta: value });

export const blockStop = (contentBlockIndex: number): Buffer =>
  eventFrame('contentBlockStop', { contentBlockIndex });

/** A text, thought or other block that begins without a start. */
export const block = (index: number, ...deltas: readonly object[]): Buffer =>
  Buffer.concat([...deltas.map((value) => delta(index, value)), blockStop(index)]);

export const call = (index: number, id: string, name: string, ...json: string[]): Buffer =>
  Buffer.concat([
    eventFrame('contentBlockStart', {
      contentBlockIndex: index,
      start: { toolUse: { toolUseId: id, name } },
    }),
    block(index, ...json.map((input) => ({ toolUse: { input } }))),
  ]);

export const messageStop = (stopReason: string, more: object = {}): Buffer =>
  eventFrame('messageStop', { stopReason, ...more });

export const USAGE = { inputTokens: 12, outputTokens: 7, totalTokens: 19 };

export const metadata = (usage: object = USAGE, more: object = {}): Buffer =>
  eventFrame('metadata', { usage, metrics: { latencyMs: 5 }, ...more });

/** The last two events of a stream. */
export const stopped = (stopReason: string, usage?: object): Buffer =>
  Buffer.concat([messageStop(stopReason), metadata(usage)]);

/** A thought, a redacted one, text and two calls, as Claude streams them. */
export const CLAUDE_STREAM = Buffer.concat([
  start(),
  block(
    0,
    { reasoningContent: { text: 'Erst ' } },
    { reasoningContent: { text: 'denken 🤔' } },
    { reasoningContent: { signature: 'c2ln' } },
  ),
  block(1, { reasoningContent: { redactedContent: 'cmVk' } }),
  block(2, { text: 'Grüße' }, { text: '' }, { text: ' 🌧' }),
  call(3, 'tooluse_a', 'weather', '{"city":', '"Köln"}'),
  call(4, 'tooluse_b', 'clock'),
  stopped('tool_use', { ...USAGE, cacheReadInputTokens: 0, cacheWriteInputTokens: 0 }),
]);

/** The same answer as it comes whole. */
export const CLAUDE_REPLY = {
  output: {
    message: {
      role: 'assistant',
      content: [
        {
          reasoningContent: { reasoningText: { text: 'Erst denken 🤔', signature: 'c2ln' } },
        },
        { reasoningContent: { redactedContent: 'cmVk' } },
        { text: 'Grüße 🌧' },
        { toolUse: { toolUseId: 'tooluse_a', name: 'weather', input: { city: 'Köln' } } },
        { toolUse: { toolUseId: 'tooluse_b', name: 'clock', input: {} } },
      ],
    },
  },
  stopReason: 'tool_use',
  usage: { ...USAGE, cacheReadInputTokens: 0, cacheWriteInputTokens: 0 },
  metrics: { latencyMs: 5 },
};
