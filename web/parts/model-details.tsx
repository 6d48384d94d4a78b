// What a developer wants to know of an offer before choosing it: what goes in and comes out, what it
// can do, what becomes of the content, and who else offers the same model.

import type { ReactNode } from 'react';
import type { ModelsReply } from '../../src/console/contract.ts';
import { MEDIA_CLASSES, labelOf } from './tokens.tsx';
import { exactUsdWithMarkup } from './usd.ts';

type Model = ModelsReply['models'][number];

export interface ModelDetailsProps {
  readonly model: Model;
  /** Every offer of the same model, this one among them. */
  readonly offers: readonly Model[];
}

export function ModelDetails({ model, offers }: ModelDetailsProps) {
  const abilities = abilitiesOf(model.capabilities);
  const media = mediaPricesOf(model);
  return (
    <details className="model-details">
      <summary>
        Details<span className="visually-hidden"> of {model.id}</span>
      </summary>
      <dl className="facts">
        <Fact name="Input">{model.input.join(', ')}</Fact>
        <Fact name="Output">{model.output.join(', ')}</Fact>
        {media.length > 0 && <Fact name="Per million tokens">{media.join(', ')}</Fact>}
        {abilities.length > 0 && <Fact name="Can">{abilities.join(', ')}</Fact>}
        <Fact name="Reasoning">{reasoningOf(model.capabilities)}</Fact>
        <Fact name="Data">{dataPolicyOf(model.dataPolicy)}</Fact>
        <Fact name="Regions">{model.regions.join(', ')}</Fact>
        <Fact name="Deprecation">
          {model.deprecationDate === null
            ? 'none announced'
            : `not before ${model.deprecationDate}`}
        </Fact>
        <Fact name="Offers of it">
          <ul className="offers">
            {offers.map((offer) => (
              <li key={offer.id}>
                <span className="mono">{offer.id}</span> {priceOf(offer)}
              </li>
            ))}
          </ul>
        </Fact>
      </dl>
    </details>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="dimmed">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function abilitiesOf(can: Model['capabilities']): string[] {
  const words: readonly (readonly [boolean, string])[] = [
    [can.tools, can.parallelTools ? 'tools, several at once' : 'tools'],
    [can.structuredOutput === 'schema', 'answers by a JSON schema'],
    [can.structuredOutput === 'json', 'answers in JSON'],
    [can.promptCaching === 'explicit', 'prompt caching where you mark it'],
    [can.promptCaching === 'automatic', 'prompt caching by itself'],
    [can.sampling, 'temperature and top_p'],
    [can.logprobs, 'log probabilities'],
    [can.citations, 'citations'],
  ];
  return words.flatMap(([holds, word]) => (holds ? [word] : []));
}

const STYLES: Readonly<Record<string, string>> = {
  none: 'none',
  effort: 'by an effort',
  budget: 'by a budget of tokens',
  adaptive: 'as much as it needs, guided by an effort',
  switch: 'on or off',
  always: 'always',
};

function reasoningOf({ reasoning: { style, efforts, optional } }: Model['capabilities']): string {
  const levels = efforts.length > 0 ? ` (${efforts.join(', ')})` : '';
  const mandatory = optional || style === 'always' ? '' : ', never off';
  return `${STYLES[style] ?? style}${levels}${mandatory}`;
}

function dataPolicyOf({ trainsOnData, retentionDays, zeroRetention }: Model['dataPolicy']): string {
  const days = retentionDays === null ? 'without a bound' : `up to ${retentionDays} days`;
  const kept = zeroRetention ? 'not kept' : `kept ${days}`;
  return `${trainsOnData ? 'trains on requests' : 'no training'}, ${kept}`;
}

/** What tokens of sound and pictures cost, where they cost otherwise than text. */
function mediaPricesOf({ prices, markupBps }: Model): string[] {
  return MEDIA_CLASSES.flatMap((name) => {
    const nanos = prices[name];
    if (nanos === undefined) return [];
    return [`${labelOf(name).toLowerCase()} ${exactUsdWithMarkup(nanos, markupBps)}`];
  });
}

/** Of what is sold by the token; the table has the units of everything else. */
function priceOf({ prices, markupBps }: Model): string {
  const [input, output] = [prices['inUncached'], prices['outText']];
  if (input === undefined || output === undefined) return '';
  return `${exactUsdWithMarkup(input, markupBps)} in, ${exactUsdWithMarkup(output, markupBps)} out`;
}
