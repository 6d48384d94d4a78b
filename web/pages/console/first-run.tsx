// The way to the first request: base URL, key, client; then a wait that turns into the request's
// receipt as soon as it is booked.

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ActivityRow } from '../../../src/console/contract.ts';
import { keysQuery } from '../../api/keys.ts';
import { balanceQuery, latestQuery, useHub } from '../../api/queries.ts';
import { ClientTabs } from '../../parts/client-tabs.tsx';
import { ALL_CLIENTS } from '../../parts/clients.ts';
import { CopyLine } from '../../parts/copy.tsx';
import { useBook } from './book.ts';
import { CreateKey } from './create-key.tsx';
import { Receipt } from './receipt.tsx';
import { useWorkspace } from './workspace.ts';

/** Whether the workspace had no request when the page came, and the first one once it is there. */
export function useFirstRun() {
  const { id } = useWorkspace();
  const { data, error, refetch } = useQuery(latestQuery(id, 1));
  const [isShown, setShown] = useState(false);
  if (data?.rows.length === 0 && !isShown) setShown(true);
  return {
    isShown,
    first: data?.rows[0],
    error: data ? null : error,
    retry: refetch,
  };
}

export function FirstRun({ first }: { first: ActivityRow | undefined }) {
  return (
    <section className="card first-run" aria-labelledby="first-run" aria-live="polite">
      <h2 id="first-run">{first ? 'Your first request has arrived' : 'Your first request'}</h2>
      {first ? <FirstReceipt requestId={first.id} /> : <Steps />}
    </section>
  );
}

function Steps() {
  const { baseUrl } = useHub();
  return (
    <ol className="steps">
      <li>
        <h3>Base URL</h3>
        <CopyLine text={baseUrl} what="base URL" />
      </li>
      <li>
        <h3>Key</h3>
        <EmptyBalance />
        <KeyStep />
      </li>
      <li>
        <h3>Client</h3>
        <ClientTabs clients={ALL_CLIENTS} />
      </li>
      <li>
        <h3>Receipt</h3>
        <p className="waiting">
          <span className="waiting-dot" aria-hidden="true" />
          Waiting for your first request…
        </p>
      </li>
    </ol>
  );
}

/** A live key without a balance is refused at its first request; play money is there from the start. */
function EmptyBalance() {
  const { id } = useWorkspace();
  const book = useBook();
  const { data } = useQuery(balanceQuery(id));
  if (book === 'test' || data === undefined || BigInt(data.live.balanceNanos) > 0n) return null;
  return (
    <p className="dimmed">
      The live balance is empty. Add balance, or{' '}
      <Link to="/console" search={{ book: 'test' }}>
        begin with a test key
      </Link>
      , which spends play money on sandbox models.
    </p>
  );
}

function KeyStep() {
  const { id } = useWorkspace();
  const { data } = useQuery(keysQuery(id));
  const [isCreating, creating] = useDisclosure();
  const key = data?.keys.find(({ revokedAt }) => revokedAt === null);
  return (
    <>
      {key ? (
        <p className="key-step">
          <span className="mono">{key.hint}</span> <span className="dimmed">{key.name}</span>
          <Button variant="default" size="compact-sm" onClick={creating.open}>
            Create another key
          </Button>
        </p>
      ) : (
        <Button onClick={creating.open}>Create key</Button>
      )}
      {isCreating && <CreateKey close={creating.close} />}
    </>
  );
}

/** Keeps showing the request that arrived first, though later ones follow it. */
function FirstReceipt({ requestId }: { requestId: string }) {
  const [firstId] = useState(requestId);
  return <Receipt requestId={firstId} />;
}
