// Google's SDK at Interactions, without what it would store. Its streams have no helper that puts them
// together, so their steps are.

import { GoogleGenAI, type Interactions } from '@google/genai';
import { type Client, type Order, type Said, finishOf } from '../client.ts';
import { EFFORT, IMAGE, QUESTION, SCHEMA, SYSTEM, TOOLS } from '../script.ts';

type Step = Interactions.Step;
type Ending = Pick<Interactions.Interaction, 'status' | 'usage'>;

export const interactions: Client = {
  title: "Google's SDK, `interactions`",
  readsThinking: true,
  connect({ baseUrl, apiKey, fetch }) {
    const client = new GoogleGenAI({
      apiKey,
      httpOptions: { baseUrl, fetch: (input, init) => plainly(fetch, input, init) },
    });
    return async (order) => {
      const options = {
        retries: { strategy: 'none' as const },
        ...(order.signal && { signal: order.signal }),
      };
      const body = bodyOf(order);
      if (order.stream) {
        const stream = await client.interactions.create({ ...body, stream: true }, options);
        return assemble(stream, order);
      }
      const answer = await client.interactions.create(body, options);
      return read(answer.steps, answer);
    };
  },
  refusalOf(error) {
    const { status } = (error ?? {}) as { status?: unknown };
    if (!(error instanceof Error) || typeof status !== 'number') return undefined;
    return { status, text: error.message };
  },
};

/** It asks by an object for which the bench has no eyes. */
async function plainly(
  ask: typeof fetch,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
): Promise<Response> {
  if (!(input instanceof Request)) return ask(input, init);
  const { url, method, headers, signal } = input;
  return ask(url, { method, headers, signal, body: await input.text() });
}

function bodyOf(order: Order) {
  const text = { type: 'text' as const, text: QUESTION };
  const image = { type: 'image' as const, data: IMAGE, mime_type: 'image/png' as const };
  const question: Step = { type: 'user_input', content: order.image ? [text, image] : [text] };
  const tools = TOOLS.map(({ name, description, schema }) => ({
    type: 'function' as const,
    name,
    description,
    parameters: schema,
  }));
  return {
    model: order.model,
    system_instruction: SYSTEM,
    input: [question, ...historyOf(order)],
    store: false,
    ...(order.tools && { tools }),
    ...(order.schema && {
      response_format: { type: 'text', mime_type: 'application/json', schema: SCHEMA },
    }),
    ...(order.thinking && {
      generation_config: { thinking_level: EFFORT, thinking_summaries: 'auto' as const },
    }),
  };
}

function historyOf({ before }: Order): Step[] {
  if (!before) return [];
  const results = before.results.map(({ id, name, text }) => ({
    type: 'function_result' as const,
    call_id: id,
    name,
    result: text,
  }));
  return [...(before.said.history as Step[]), ...results];
}

async function assemble(
  events: AsyncIterable<Interactions.InteractionSSEEvent>,
  { onText }: Order,
): Promise<Said> {
  const steps: OpenStep[] = [];
  let ending: Ending = { status: 'none came' };
  for await (const event of events) {
    if (event.event_type === 'interaction.completed') ending = event.interaction;
    if (event.event_type === 'step.start') {
      steps[event.index] = { start: event.step, summary: '', signature: '', text: '', json: '' };
    }
    const step = event.event_type === 'step.delta' ? steps[event.index] : undefined;
    if (event.event_type !== 'step.delta' || !step) continue;
    const { delta } = event;
    if (delta.type === 'text') {
      step.text += delta.text;
      onText?.(delta.text);
    } else if (delta.type === 'thought_summary') {
      if (delta.content?.type === 'text') step.summary += delta.content.text;
    } else if (delta.type === 'thought_signature') step.signature = delta.signature ?? '';
    else if (delta.type === 'arguments_delta') step.json += delta.arguments ?? '';
  }
  return read(steps.map(close), ending);
}

interface OpenStep {
  readonly start: Step;
  summary: string;
  signature: string;
  text: string;
  json: string;
}

function close({ start, summary, signature, text, json }: OpenStep): Step {
  switch (start.type) {
    case 'thought':
      return {
        ...start,
        ...(summary !== '' && { summary: [{ type: 'text' as const, text: summary }] }),
        ...(signature !== '' && { signature }),
      };
    case 'model_output':
      return { ...start, content: [{ type: 'text', text }] };
    case 'function_call':
      return { ...start, arguments: JSON.parse(json) as Record<string, unknown> };
    default:
      return start;
  }
}

function read(steps: readonly Step[], { status, usage }: Ending): Said {
  const texts = (parts: readonly { readonly type: string; readonly text?: string }[]): string =>
    parts.map(({ text = '' }) => text).join('');
  const output = (usage?.total_output_tokens ?? 0) + (usage?.total_thought_tokens ?? 0);
  return {
    text: steps
      .map((step) => (step.type === 'model_output' ? texts(step.content ?? []) : ''))
      .join(''),
    thinking: steps
      .map((step) => (step.type === 'thought' ? texts(step.summary ?? []) : ''))
      .join(''),
    calls: steps.flatMap((step) =>
      step.type === 'function_call'
        ? [{ id: step.id, name: step.name, input: step.arguments }]
        : [],
    ),
    finish: finishOf(status, 'completed', 'requires_action'),
    usage: {
      input: usage?.total_input_tokens,
      cacheRead: usage?.total_cached_tokens ?? 0,
      output,
    },
    history: steps,
  };
}
