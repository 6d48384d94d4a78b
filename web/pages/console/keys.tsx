// The workspace's keys: who uses which, when last, and the way to end one.

import { Badge, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key } from '../../../src/console/contract-keys.ts';
import { keysQuery } from '../../api/queries.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { ActionHead, Empty, PageHead, TableFrame } from '../../parts/page.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { Moment } from '../../parts/time.tsx';
import { BudgetList } from './budget-list.tsx';
import { CreateKey } from './create-key.tsx';
import { EditBudgets, useMaySetBudgets } from './edit-budgets.tsx';
import { RevokeKey } from './revoke-key.tsx';
import { useWorkspace } from './workspace.ts';

export function KeysPage() {
  const { id } = useWorkspace();
  const { data, error, refetch } = useQuery(keysQuery(id));
  const [isCreating, creating] = useDisclosure();
  const [revoking, setRevoking] = useState<Key>();
  const [limiting, setLimiting] = useState<string>();
  const limited = data?.keys.find((key) => key.id === limiting);
  return (
    <>
      <PageHead
        title="Keys"
        sentence="A key lets a program call models and spend this workspace's balance."
        action={<Button onClick={creating.open}>Create key</Button>}
      />
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : data?.keys.length === 0 ? (
        <Empty title="No keys yet">
          <p>
            Create one and put it into the environment of the program that calls the hub:
            <br />
            <code>export IH_KEY=…</code>
          </p>
        </Empty>
      ) : (
        <TableFrame>
          <KeyTable keys={data?.keys} revoke={setRevoking} limit={(key) => setLimiting(key.id)} />
        </TableFrame>
      )}
      {isCreating && <CreateKey close={creating.close} />}
      {limited && (
        <EditBudgets
          owner={{ room: 'keys', id: limited.id }}
          name={limited.name}
          what={
            limited.mode === 'live'
              ? 'What requests with this key may cost.'
              : 'What requests with this key may cost in play money.'
          }
          budgets={limited.budgets}
          close={() => setLimiting(undefined)}
        />
      )}
      {revoking && <RevokeKey revoking={revoking} close={() => setRevoking(undefined)} />}
    </>
  );
}

interface KeyActions {
  readonly revoke: (key: Key) => void;
  readonly limit: (key: Key) => void;
}

interface KeyTableProps extends KeyActions {
  readonly keys: readonly Key[] | undefined;
}

function KeyTable({ keys, ...actions }: KeyTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Keys of this workspace, live and test</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Mode</th>
          <th scope="col" className="hide-narrow">
            Key
          </th>
          <th scope="col">Budget</th>
          <th scope="col" className="hide-medium">
            Created
          </th>
          <th scope="col" className="hide-tiny">
            Last used
          </th>
          <th scope="col" className="hide-tiny">
            State
          </th>
          <ActionHead />
        </tr>
      </thead>
      {keys ? (
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} {...actions} />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={4} columns={8} />
      )}
    </table>
  );
}

function KeyRow({ apiKey, revoke, limit }: { apiKey: Key } & KeyActions) {
  const { name, mode, hint, createdAt, lastUsedAt, revokedAt } = apiKey;
  const maySetBudgets = useMaySetBudgets();
  return (
    <tr className={revokedAt ? 'past' : ''}>
      <th scope="row">{name}</th>
      <td>
        <Badge variant={mode === 'live' ? 'light' : 'default'} size="sm" className="whole">
          {mode === 'live' ? 'Live' : 'Test'}
        </Badge>
      </td>
      <td className="mono hide-narrow whole">{hint}</td>
      <td>{revokedAt ? '' : <BudgetList budgets={apiKey.budgets} />}</td>
      <td className="hide-medium whole">
        <Moment iso={createdAt} />
      </td>
      <td className="hide-tiny whole">{lastUsedAt ? <Moment iso={lastUsedAt} /> : 'Never'}</td>
      <td className="hide-tiny">
        {revokedAt ? (
          <>
            Revoked <Moment iso={revokedAt} />
          </>
        ) : (
          <span className="status status-good">Active</span>
        )}
      </td>
      <td className="row-action">
        {!revokedAt && (
          <div className="row-buttons">
            {maySetBudgets && (
              <Button
                variant="default"
                size="compact-sm"
                aria-label={`Budget of ${name}`}
                onClick={() => limit(apiKey)}
              >
                Budget
              </Button>
            )}
            <Button
              variant="default"
              size="compact-sm"
              aria-label={`Revoke ${name}`}
              onClick={() => revoke(apiKey)}
            >
              Revoke
            </Button>
          </div>
        )}
      </td>
    </tr>
  );
}
