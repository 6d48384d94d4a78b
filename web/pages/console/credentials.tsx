// The workspace's own credentials at providers: which there are, how each is used, and the way to add,
// change and remove one. For owners and admins.

import { Badge, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Credential, CredentialsReply } from '../../../src/console/contract-credentials.ts';
import { credentialsQuery } from '../../api/credentials.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { ActionHead, Empty, PageHead, TableFrame } from '../../parts/page.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { Moment } from '../../parts/time.tsx';
import { percentOf } from '../../parts/usd.ts';
import { AddCredential } from './add-credential.tsx';
import { EditCredential } from './edit-credential.tsx';
import { RemoveCredential } from './remove-credential.tsx';
import { isManager, useWorkspace } from './workspace.ts';

const SENTENCE =
  'With a key of your own, a provider bills you itself, and this hub charges a fee only.';

export function CredentialsPage() {
  const workspace = useWorkspace();
  if (isManager(workspace)) return <Credentials />;
  return (
    <>
      <PageHead title="Provider keys" sentence={SENTENCE} />
      <Empty title="Owners and admins only">
        <p>Your role here is {workspace.role}. Ask an owner of the workspace for a change.</p>
      </Empty>
    </>
  );
}

function Credentials() {
  const { id } = useWorkspace();
  const { data, error, refetch } = useQuery(credentialsQuery(id));
  const [isAdding, adding] = useDisclosure();
  const [editing, setEditing] = useState<Credential>();
  const [removing, setRemoving] = useState<Credential>();
  const mayAdd = data?.isOn === true && data.providers.length > 0;
  return (
    <>
      <PageHead
        title="Provider keys"
        sentence={
          data ? `${SENTENCE} The fee is ${percentOf(data.feeBps)} of the list price.` : SENTENCE
        }
        action={
          <Button onClick={adding.open} disabled={!mayAdd}>
            Add provider key
          </Button>
        }
      />
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : data?.credentials.length === 0 ? (
        <Nothing reply={data} />
      ) : (
        <TableFrame>
          <CredentialTable reply={data} edit={setEditing} remove={setRemoving} />
        </TableFrame>
      )}
      {data && isAdding && <AddCredential providers={data.providers} close={adding.close} />}
      {editing && (
        <EditCredential
          credential={editing}
          name={nameOf(editing, data)}
          isChecked={
            data?.providers.some((each) => each.id === editing.provider && each.isChecked) ?? false
          }
          close={() => setEditing(undefined)}
        />
      )}
      {removing && (
        <RemoveCredential
          credential={removing}
          name={nameOf(removing, data)}
          close={() => setRemoving(undefined)}
        />
      )}
    </>
  );
}

/** Why there is none, and what to do about it. */
function Nothing({ reply: { isOn, providers } }: { reply: CredentialsReply }) {
  if (!isOn) {
    return (
      <Empty title="Not switched on">
        <p>
          This hub keeps no provider keys yet. Its operator switches that on with the setting{' '}
          <code>SECRETS_KEY</code>.
        </p>
      </Empty>
    );
  }
  if (providers.length === 0) {
    return (
      <Empty title="No provider takes one">
        <p>None of the providers that are on at this hub is asked with a key.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No provider keys yet">
      <p>
        Add a key of {providers.map(({ name }) => name).join(', ')}: requests of live keys to its
        models then go with it.
      </p>
    </Empty>
  );
}

interface CredentialActions {
  readonly edit: (credential: Credential) => void;
  readonly remove: (credential: Credential) => void;
}

type CredentialTableProps = CredentialActions & { readonly reply: CredentialsReply | undefined };

function CredentialTable({ reply, ...actions }: CredentialTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Provider keys of this workspace</caption>
      <thead>
        <tr>
          <th scope="col">Provider</th>
          <th scope="col">Key</th>
          <th scope="col">Used</th>
          <th scope="col" className="hide-medium">
            Added
          </th>
          <th scope="col" className="hide-tiny">
            Last used
          </th>
          <th scope="col" className="hide-narrow">
            State
          </th>
          <ActionHead />
        </tr>
      </thead>
      {reply ? (
        <tbody>
          {reply.credentials.map((credential) => (
            <CredentialLine
              key={credential.id}
              credential={credential}
              name={nameOf(credential, reply)}
              {...actions}
            />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={2} columns={7} />
      )}
    </table>
  );
}

type CredentialLineProps = CredentialActions & {
  readonly credential: Credential;
  readonly name: string;
};

function CredentialLine({ credential, name, edit, remove }: CredentialLineProps) {
  const { mode, lastFour, createdBy, createdAt, lastUsedAt, disabledAt } = credential;
  return (
    <tr className={disabledAt ? 'past' : ''}>
      <th scope="row">{name}</th>
      <td className="mono whole">…{lastFour}</td>
      <td>
        <Badge variant={mode === 'only' ? 'light' : 'default'} size="sm" className="whole">
          {mode === 'only' ? 'Only' : 'First'}
        </Badge>
      </td>
      <td className="hide-medium">
        <Moment iso={createdAt} />
        {createdBy && ` by ${createdBy}`}
      </td>
      <td className="hide-tiny whole">{lastUsedAt ? <Moment iso={lastUsedAt} /> : 'Never'}</td>
      <td className="hide-narrow">
        {disabledAt ? 'Disabled' : <span className="status status-good">Active</span>}
      </td>
      <td className="row-action">
        <div className="row-buttons">
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Change ${name} …${lastFour}`}
            onClick={() => edit(credential)}
          >
            Change
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            aria-label={`Remove ${name} …${lastFour}`}
            onClick={() => remove(credential)}
          >
            Remove
          </Button>
        </div>
      </td>
    </tr>
  );
}

function nameOf({ provider }: Credential, reply: CredentialsReply | undefined): string {
  return reply?.providers.find(({ id }) => id === provider)?.name ?? provider;
}
