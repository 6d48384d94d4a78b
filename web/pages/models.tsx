// The whole catalogue with its prices, for everyone and once more inside the console. The filter
// lives in the address bar, so that a filtered list can be sent to someone.

import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { modelsQuery } from '../api/queries.ts';
import { QueryFailure } from '../parts/failure.tsx';
import { SearchIcon } from '../parts/icons.tsx';
import { Empty, PageHead, TableFrame } from '../parts/page.tsx';
import { PriceTable } from '../parts/price-table.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

export function ModelsPage() {
  return (
    <PublicFrame>
      <ConsoleModelsPage />
    </PublicFrame>
  );
}

export function ConsoleModelsPage() {
  const { q = '' } = useSearch({ strict: false });
  const { data, error, refetch } = useQuery(modelsQuery);
  const models = data?.models.filter((model) =>
    matches(q, `${model.id} ${model.base} ${model.name} ${model.provider}`),
  );
  return (
    <>
      <PageHead
        title="Models"
        sentence="Prices are what is charged: dollars per million tokens, or per the unit they name."
        action={<Filter q={q} />}
      />
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : models?.length === 0 ? (
        <Empty title={q ? `No model matches “${q}”` : 'This hub serves no models yet'}>
          <p>
            {q
              ? 'Each word must occur in the id, the model, the name or the provider.'
              : 'Its operator adds a provider key to the configuration to serve some.'}
          </p>
        </Empty>
      ) : (
        <TableFrame>
          <PriceTable models={models} all={data?.models} skeletonRows={10} />
        </TableFrame>
      )}
    </>
  );
}

function Filter({ q }: { q: string }) {
  const navigate = useNavigate();
  return (
    <TextInput
      type="search"
      aria-label="Filter models"
      placeholder="Filter"
      leftSection={<SearchIcon />}
      value={q}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        void navigate({
          to: '.',
          search: ({ q: _, ...others }) => (typed ? { ...others, q: typed } : others),
          replace: true,
        });
      }}
    />
  );
}

function matches(filter: string, text: string): boolean {
  const lower = text.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
