// What a list of models tells of each beyond its name: in the words of OpenRouter's clients, which
// choose by `architecture` and `supported_parameters`, and in those of Anthropic's SDK.

import type { JsonObject } from '../base/json.ts';
import type { Capabilities, Modality } from '../catalog/capabilities.ts';
import type { Model } from '../catalog/model.ts';

/** https://openrouter.ai/docs/api-reference/list-available-models */
export function openRouterFacts({
  base,
  modalities,
  capabilities,
  deprecationDate,
}: Model): JsonObject {
  const input = modalities.input.map(wordOf);
  const output = modalities.output.map(wordOf);
  return {
    canonical_slug: base,
    architecture: {
      modality: `${input.join('+')}->${output.join('+')}`,
      input_modalities: input,
      output_modalities: output,
      tokenizer: 'Other',
      instruct_type: null,
    },
    supported_parameters: modalities.output.includes('text') ? parametersOf(capabilities) : [],
    expiration_date: deprecationDate ?? null,
  };
}

function wordOf(modality: Modality): string {
  return modality === 'vector' ? 'embeddings' : modality;
}

function parametersOf(can: Capabilities): string[] {
  const thinks = can.reasoning.style !== 'none';
  const groups: readonly (readonly [holds: boolean, ...names: string[]])[] = [
    [true, 'max_tokens', 'stop'],
    [can.tools, 'tools', 'tool_choice'],
    [can.parallelTools, 'parallel_tool_calls'],
    [can.structuredOutput !== 'none', 'response_format'],
    [can.structuredOutput === 'schema', 'structured_outputs'],
    [thinks, 'reasoning', 'include_reasoning'],
    [can.reasoning.efforts.length > 0, 'reasoning_effort'],
    [can.sampling, 'temperature', 'top_p'],
    [can.logprobs, 'logprobs', 'top_logprobs'],
  ];
  return groups.flatMap(([holds, ...names]) => (holds ? names : [])).sort();
}

const support = (supported: boolean): JsonObject => ({ supported });
const NO = support(false);

/** What is run by the provider beside the model (hosted tools, batches) is not sold here. */
export function anthropicFacts({
  base,
  modalities,
  capabilities,
  deprecationDate,
}: Model): JsonObject {
  const { reasoning, structuredOutput, citations } = capabilities;
  const { style, efforts, optional } = reasoning;
  const effort = (level: (typeof efforts)[number]) => support(efforts.includes(level));
  return {
    capabilities: {
      batch: NO,
      citations: support(citations),
      code_execution: NO,
      context_management: {
        supported: false,
        clear_thinking_20251015: null,
        clear_tool_uses_20250919: null,
        compact_20260112: null,
      },
      effort: {
        supported: efforts.length > 0,
        low: effort('low'),
        medium: effort('medium'),
        high: effort('high'),
        xhigh: effort('xhigh'),
        max: effort('max'),
      },
      image_input: support(modalities.input.includes('image')),
      pdf_input: support(modalities.input.includes('file')),
      server_tools: { supported: false, code_execution: NO, web_search: NO },
      structured_outputs: support(structuredOutput === 'schema'),
      thinking: {
        supported: style !== 'none',
        types: {
          adaptive: support(style === 'adaptive'),
          between_tools: NO,
          disabled: support(optional),
          enabled: support(style === 'budget'),
        },
      },
    },
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: deprecationDate === undefined ? null : `${deprecationDate}T00:00:00Z`,
    line: /claude-([a-z]+)-/.exec(base)?.[1] ?? null,
  };
}
