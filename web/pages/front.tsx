// The front page answers three questions without scrolling: what is it, how do I call it, what does
// it cost.

import { Button } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ModelsReply } from '../../src/console/contract.ts';
import { modelsQuery, sessionQuery, useHub } from '../api/queries.ts';
import { ClientTabs } from '../parts/client-tabs.tsx';
import { FRONT_CLIENTS } from '../parts/clients.ts';
import { QueryFailure } from '../parts/failure.tsx';
import { PriceTable } from '../parts/price-table.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

type Model = ModelsReply['models'][number];

const EXCERPT_ROWS = 4;

const PROMISES = [
  {
    title: 'Exact money',
    text: 'A request can never cost more than was held for it, and its receipt shows every line.',
  },
  {
    title: 'Content is never kept',
    text: 'Prompts and answers pass through. What stays: counts, times, status, IP address.',
  },
  {
    title: 'Next to no overhead',
    text: 'No database stands between you and the provider; answers stream through as they come.',
  },
];

export function FrontPage() {
  useDocumentTitle('InferenceHub');
  return (
    <PublicFrame>
      <div className="front">
        <Introduction />
        <section className="front-call" aria-labelledby="front-call">
          <h2 id="front-call">How to call it</h2>
          <ClientTabs clients={FRONT_CLIENTS} />
        </section>
        <ul className="promises" aria-label="Promises">
          {PROMISES.map(({ title, text }) => (
            <li key={title}>
              <h3>{title}</h3>
              <p className="dimmed">{text}</p>
            </li>
          ))}
        </ul>
        <PriceExcerpt />
      </div>
    </PublicFrame>
  );
}

function Introduction() {
  const { data } = useQuery(sessionQuery);
  const { awaitsOperator, signUp } = useHub();
  return (
    <section className="front-what">
      <h1>One base URL for many models, paid from one balance</h1>
      <p className="lead">
        Point any OpenAI, Anthropic or Google client at this hub. Each request is forwarded to the
        model's provider, metered, and charged to a prepaid balance to the nano-dollar.
      </p>
      {awaitsOperator ? (
        <p className="note" role="status">
          This hub has no operator yet. The one-time welcome link stands in the terminal where the
          hub was started.
        </p>
      ) : (
        <Entry to={data?.person ? '/console' : signUp ? '/sign-up' : '/sign-in'} />
      )}
    </section>
  );
}

const ENTRIES = {
  '/console': 'Open console',
  '/sign-up': 'Sign up',
  '/sign-in': 'Sign in',
} as const;

/** The first step; who has an account finds the way in at the top of every page. */
function Entry({ to }: { to: keyof typeof ENTRIES }) {
  return <Button renderRoot={(props) => <Link to={to} {...props} />}>{ENTRIES[to]}</Button>;
}

function PriceExcerpt() {
  const { data, error, refetch } = useQuery(modelsQuery);
  const excerpt = data && chooseExcerpt(data.models);
  return (
    <section className="front-prices" aria-labelledby="front-prices">
      <div className="section-head">
        <h2 id="front-prices">What it costs</h2>
        <span className="dimmed">per million tokens</span>
        <Link to="/models" className="section-link">
          {data ? `All ${data.models.length} models` : 'All models'}
        </Link>
      </div>
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : (
        <PriceTable models={excerpt} short skeletonRows={EXCERPT_ROWS} />
      )}
    </section>
  );
}

/** Models of real providers first, and of several at one price only the first. */
function chooseExcerpt(models: readonly Model[]): readonly Model[] {
  const prices = new Set<string>();
  return models
    .toSorted((a, b) => Number(a.sandbox) - Number(b.sandbox))
    .filter((model) => {
      const price = JSON.stringify([model.provider, model.prices]);
      return !prices.has(price) && prices.add(price);
    })
    .slice(0, EXCERPT_ROWS);
}
