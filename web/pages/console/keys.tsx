// The workspace's keys: who uses which, when last, and the way to end one.

import { Badge, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key } from '../../../src/console/contract.ts';
import { keysQuery } from '../../api/queries.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { Empty, PageHead, TableFrame } from '../../parts/page.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { Moment } from '../../parts/time.tsx';
import { CreateKey } from './create-key.tsx';
import { RevokeKey } from './revoke-key.tsx';
import { useWorkspace } from './workspace.ts';

export function KeysPage() {
  const { id } = useWorkspace();
  const { data, error, refetch } = useQuery(keysQuery(id));
  const [isCreating, creating] = useDisclosure();
  const [revoking, setRevoking] = useState<Key>();
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
          <KeyTable keys={data?.keys} revoke={setRevoking} />
        </TableFrame>
      )}
      {isCreating && <CreateKey close={creating.close} />}
      {revoking && <RevokeKey revoking={revoking} close={() => setRevoking(undefined)} />}
    </>
  );
}

interface KeyTableProps {
  readonly keys: readonly Key[] | undefined;
  readonly revoke: (key: Key) => void;
}

function KeyTable({ keys, revoke }: KeyTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Keys of this workspace, live and test</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Mode</th>
          <th scope="col" className="hide-tiny">
            Key
          </th>
          <th scope="col" className="hide-narrow">
            Created
          </th>
          <th scope="col" className="hide-tiny">
            Last used
          </th>
          <th scope="col">State</th>
          <th scope="col">
            <span className="visually-hidden">Action</span>
          </th>
        </tr>
      </thead>
      {keys ? (
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} revoke={revoke} />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={4} columns={7} />
      )}
    </table>
  );
}

function KeyRow({ apiKey, revoke }: { apiKey: Key; revoke: (key: Key) => void }) {
  const { name, mode, hint, createdAt, lastUsedAt, revokedAt } = apiKey;
  return (
    <tr className={revokedAt ? 'past' : ''}>
      <th scope="row">{name}</th>
      <td>
        <Badge variant={mode === 'live' ? 'light' : 'default'} size="sm">
          {mode === 'live' ? 'Live' : 'Test'}
        </Badge>
      </td>
      <td className="mono hide-tiny">{hint}</td>
      <td className="hide-narrow">
        <Moment iso={createdAt} />
      </td>
      <td className="hide-tiny">{lastUsedAt ? <Moment iso={lastUsedAt} /> : 'Never'}</td>
      <td>
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
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Revoke ${name}`}
            onClick={() => revoke(apiKey)}
          >
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
}
