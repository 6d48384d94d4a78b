// The tabs that show a reader their own client, filled with this hub's addresses.

import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { modelsQuery, useHub } from '../api/queries.ts';
import type { ClientGuide } from './clients.ts';
import { CodeBlock } from './copy.tsx';

const SANDBOX_MODEL = 'sandbox/echo';

export function ClientTabs({ clients }: { clients: readonly ClientGuide[] }) {
  const { baseUrl, origin } = useHub();
  const model = useExampleModel();
  return (
    <Tabs defaultValue={clients[0]?.id ?? null} className="client-tabs">
      <Tabs.List aria-label="Client">
        {clients.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {clients.map(({ id, label, place, code }) => (
        <Tabs.Panel key={id} value={id}>
          <CodeBlock code={code({ baseUrl, origin, model })} what={`${label} example`} />
          <p className="hint">
            {place}, with a key in <code>IH_KEY</code>.
          </p>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

/** The sandbox answers everywhere without a provider account; without it, the first model. */
function useExampleModel(): string {
  const { sandbox } = useHub();
  const { data } = useQuery(modelsQuery);
  return sandbox ? SANDBOX_MODEL : (data?.models[0]?.id ?? SANDBOX_MODEL);
}
