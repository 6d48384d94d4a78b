// The price list: exact dollars for a million tokens of each class, as they are charged.

import { Badge } from '@mantine/core';
import type { ModelsReply } from '../../src/console/contract.ts';
import { CopyIconButton } from './copy.tsx';
import { ModelDetails } from './model-details.tsx';
import { SkeletonRows } from './skeleton.tsx';
import { Count } from './tokens.tsx';
import { unitPriceOf } from './unit-price.ts';
import { exactUsdWithMarkup } from './usd.ts';

type Model = ModelsReply['models'][number];

export interface PriceTableProps {
  /** Undefined while the list is on its way. */
  readonly models: readonly Model[] | undefined;
  /** The whole catalogue, where `models` is a part of it: other offers of a model come of it. */
  readonly all?: readonly Model[] | undefined;
  /** The short form leaves out limits and cache writes. */
  readonly short?: boolean;
  readonly skeletonRows: number;
}

export function PriceTable({ models, all = models, short = false, skeletonRows }: PriceTableProps) {
  const byBase = Map.groupBy(all ?? [], ({ base }) => base);
  return (
    <table className="data price-table">
      <caption className="visually-hidden">Prices in dollars per million tokens</caption>
      <thead>
        <tr>
          <th scope="col">Model</th>
          {!short && <th className="number hide-narrow">Context</th>}
          {!short && <th className="number hide-narrow">Max output</th>}
          <th className="number">Input</th>
          <th className="number hide-tiny">Cache read</th>
          {!short && <th className="number hide-narrow">Cache write</th>}
          <th className="number">Output</th>
        </tr>
      </thead>
      {models ? (
        <tbody>
          {models.map((model) => (
            <ModelRow
              key={model.id}
              model={model}
              offers={byBase.get(model.base) ?? []}
              short={short}
            />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={skeletonRows} columns={short ? 4 : 7} />
      )}
    </table>
  );
}

interface ModelRowProps {
  readonly model: Model;
  /** Every offer of the same model, this one among them. */
  readonly offers: readonly Model[];
  readonly short: boolean;
}

function ModelRow({ model, offers, short }: ModelRowProps) {
  return (
    <tr>
      <th scope="row">
        <span className="model-name">
          <span className="mono">{model.id}</span>
          {!short && <CopyIconButton text={model.id} what={model.id} />}
          {model.sandbox && !short && (
            <Badge variant="default" size="sm">
              Sandbox
            </Badge>
          )}
        </span>
        {!short && (
          <span className="dimmed model-about">
            {model.name}, served by {model.provider}
          </span>
        )}
        {!short && <ModelDetails model={model} offers={offers} />}
      </th>
      {!short && (
        <td className="number hide-narrow">
          <Count value={model.contextWindow} />
        </td>
      )}
      {!short && (
        <td className="number hide-narrow">
          <Count value={model.maxOutputTokens} />
        </td>
      )}
      <Price model={model} classes={['inUncached']} />
      <Price model={model} classes={['inCacheRead']} className="hide-tiny" />
      {!short && <Price model={model} classes={CACHE_WRITES} className="hide-narrow" />}
      <Price model={model} classes={SOLD_BY} />
    </tr>
  );
}

interface PriceProps {
  readonly model: Model;
  /** The first of them that is sold. */
  readonly classes: readonly string[];
  readonly className?: string;
}

/** Not by the token: their unit stands behind the price. */
const UNIT_CLASSES = ['images', 'audioMs', 'characters', 'searchUnits'];
const SOLD_BY = ['outText', ...UNIT_CLASSES];
const CACHE_WRITES = ['inCacheWrite5m', 'inCacheWriteOther'];

/** A class without a price is not sold. */
function Price({ model, classes, className = '' }: PriceProps) {
  const name = classes.find((each) => model.prices[each] !== undefined);
  const price = name === undefined ? undefined : unitPriceOf(name, model.prices[name] ?? '0');
  return (
    <td className={`number ${className}`}>
      {price === undefined ? (
        '–'
      ) : (
        <data className="mono" value={price.nanos}>
          {exactUsdWithMarkup(price.nanos, model.markupBps)}
        </data>
      )}
      {name !== undefined && UNIT_CLASSES.includes(name) && (
        <span className="dimmed"> / {price?.per}</span>
      )}
    </td>
  );
}
