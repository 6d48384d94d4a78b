// How Google says a turn in Interactions, whole and streamed. Written from its reference, not from
// src/protocols.

import type { Answer } from '../support/upstream.ts';
import type { Spent, Turn } from './turns.ts';

/** Answers as Google does, streamed if it is asked to. */
export function speakInteractions(turn: Turn): Answer {
  return (response, { body }) => {
    const { model } = body;
    if (body['stream'] !== true) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...interactionOf(turn, model), steps: stepsOf(turn) }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of interactionOpening(turn, model)) response.write(event);
    const last = named('interaction.completed', { interaction: interactionOf(turn, model) });
    response.end([...last, 'event: done\ndata: [DONE]\n\n'].join(''));
  };
}

/** The events of an answer before its last. */
export function interactionOpening(turn: Turn, model: unknown): string[] {
  const { id, object } = interactionOf(turn, model);
  const interaction = { id, status: 'in_progress', object, model };
  return [
    ...named('interaction.created', { interaction }),
    ...named('interaction.status_update', { interaction_id: id, status: 'in_progress' }),
    ...stepsOf(turn).flatMap(streamed),
  ];
}

type Step = Readonly<Record<string, unknown>> & { readonly type: string };

function streamed(step: Step, index: number): string[] {
  const { summary, signature, content, ...rest } = step;
  const words = (parts: unknown): string[] =>
    ((parts ?? []) as { text: string }[]).flatMap(({ text }) => text.match(/.{1,7}/gsu) ?? []);
  const json = JSON.stringify(step['arguments'] ?? '').match(/.{1,9}/gsu) ?? [];
  const deltas: object[] = [
    ...words(summary).map((text) => ({ type: 'thought_summary', content: { type: 'text', text } })),
    ...(signature === undefined ? [] : [{ type: 'thought_signature', signature }]),
    ...words(content).map((text) => ({ type: 'text', text })),
    ...(step.type === 'function_call'
      ? json.map((piece) => ({ type: 'arguments_delta', arguments: piece }))
      : []),
  ];
  const opening = step.type === 'function_call' ? { ...rest, arguments: {} } : rest;
  return [
    ...named('step.start', { index, step: opening }),
    ...deltas.flatMap((delta) => named('step.delta', { index, delta })),
    ...named('step.stop', { index }),
  ];
}

function named(event_type: string, fields: object): string[] {
  return [`event: ${event_type}\ndata: ${JSON.stringify({ event_type, ...fields })}\n\n`];
}

function stepsOf({ thinking, text, calls = [] }: Turn): Step[] {
  const { text: thought, signature } = thinking ?? {};
  const summary = [{ type: 'text', text: thought }];
  return [
    ...(thinking ? [{ type: 'thought', summary, signature }] : []),
    ...(text === undefined ? [] : [{ type: 'model_output', content: [{ type: 'text', text }] }]),
    ...calls.map(({ id, name, input }) => ({ type: 'function_call', id, name, arguments: input })),
  ];
}

function interactionOf({ calls, spent }: Turn, model: unknown) {
  return {
    id: 'v1_one',
    object: 'interaction',
    model,
    status: calls === undefined ? 'completed' : 'requires_action',
    created: '2026-11-20T10:00:00Z',
    updated: '2026-11-20T10:00:01Z',
    service_tier: 'standard',
    usage: usageOf(spent),
  };
}

/** Cached tokens are part of the input, thoughts come on top of the output. */
export function usageOf({ uncached, cacheRead = 0, text, reasoning = 0, ...writes }: Spent) {
  const { written = 0, written5m = 0, written1h = 0 } = writes;
  const input = uncached + cacheRead + written + written5m + written1h;
  return {
    total_tokens: input + text + reasoning,
    total_input_tokens: input,
    total_cached_tokens: cacheRead,
    total_output_tokens: text,
    total_tool_use_tokens: 0,
    total_thought_tokens: reasoning,
  };
}
