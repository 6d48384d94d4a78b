import { describe, expect, test } from 'vitest';
import { anthropicFacts, openRouterFacts } from '../../src/gateway/model-facts.ts';
import { EVERYTHING } from '../catalog/pricing.ts';

const model = (name: string) => EVERYTHING.find(name)!.model;

describe('what a list of models tells', () => {
  test('OpenRouter’s clients of a model that thinks and sees', () => {
    expect(openRouterFacts(model('openai/gpt-5'))).toEqual({
      canonical_slug: 'openai/gpt-5',
      architecture: {
        modality: 'text+image->text',
        input_modalities: ['text', 'image'],
        output_modalities: ['text'],
        tokenizer: 'Other',
        instruct_type: null,
      },
      supported_parameters: [
        'include_reasoning',
        'max_tokens',
        'parallel_tool_calls',
        'reasoning',
        'reasoning_effort',
        'response_format',
        'stop',
        'structured_outputs',
        'tool_choice',
        'tools',
      ],
      expiration_date: null,
    });
  });

  test('OpenRouter’s clients of one that only answers, and of no conversation', () => {
    expect(openRouterFacts(model('openai/gpt-4o'))['supported_parameters']).toEqual(
      expect.arrayContaining(['temperature', 'top_p', 'logprobs', 'top_logprobs']),
    );
    expect(openRouterFacts(model('openai/gpt-4o'))['supported_parameters']).not.toContain(
      'reasoning',
    );
    expect(openRouterFacts(model('openai/text-embedding-3-small'))).toMatchObject({
      architecture: { modality: 'text->embeddings' },
      supported_parameters: [],
    });
  });

  test('Anthropic’s SDK of a model that thinks by a budget, and of an adaptive one', () => {
    const yes = { supported: true };
    const no = { supported: false };
    expect(anthropicFacts(model('claude-haiku-4-5'))).toMatchObject({
      line: 'haiku',
      retires_at: null,
      capabilities: {
        citations: yes,
        effort: { supported: false, low: no },
        image_input: yes,
        pdf_input: yes,
        thinking: { supported: true, types: { enabled: yes, adaptive: no, disabled: yes } },
      },
    });
    expect(anthropicFacts(model('claude-opus-5'))).toMatchObject({
      retires_at: '2027-07-24T00:00:00Z',
      capabilities: {
        effort: { supported: true, xhigh: yes, max: yes },
        thinking: { types: { enabled: no, adaptive: yes, disabled: yes } },
      },
    });
    expect(anthropicFacts(model('claude-opus-5-5'))).toMatchObject({
      capabilities: { thinking: { types: { disabled: no } } },
    });
    expect(anthropicFacts(model('openai/gpt-4o'))).toMatchObject({
      line: null,
      capabilities: { thinking: { supported: false }, structured_outputs: yes, citations: no },
    });
  });
});
