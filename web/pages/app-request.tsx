// Where an app sends people to ask them for a key. It says who asks, what the key will be able to do and
// what it may spend; yes and no both lead back to the app.

import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { SessionReply, Span } from '../../src/console/contract.ts';
import { grantApp } from '../api/keys.ts';
import { sessionQuery } from '../api/queries.ts';
import { type AppRequest, deniedUrl, readAppRequest } from '../parts/app-request.ts';
import { FormFailure, QueryFailure } from '../parts/failure.tsx';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';
import { SkeletonText } from '../parts/skeleton.tsx';
import { ToSignIn } from '../parts/to-sign-in.tsx';
import { LIMIT, LimitInput, SpanSelect } from './console/limit-input.tsx';
import { isKeyMaker } from './console/workspace.ts';

/** What an app may spend unless its person says otherwise. */
const USUAL_USD = '10';

export function AppRequestPage() {
  const request = readAppRequest(useSearch({ from: '/auth' }));
  return (
    <PublicFrame>
      <div className="narrow">
        {'fault' in request ? <Malformed fault={request.fault} /> : <Asked request={request} />}
      </div>
    </PublicFrame>
  );
}

function Malformed({ fault }: { fault: string }) {
  return (
    <>
      <PageHead
        title="This request is not valid"
        sentence="An app sent you here to ask for a key, but its address is not as it should be."
      />
      <div className="stack">
        <p role="alert" className="form-failure">
          {fault}
        </p>
        <p>Nothing was given to the app. Go back to it, and tell its maker what stands above.</p>
      </div>
    </>
  );
}

function Asked({ request }: { request: AppRequest }) {
  const { data: session, error, refetch } = useQuery(sessionQuery);
  if (error && !session) return <QueryFailure error={error} retry={refetch} />;
  if (!session) return <SkeletonText width={320} />;
  if (!session.person) return <ToSignIn />;
  const workspaces = session.workspaces.filter(isKeyMaker);
  return (
    <>
      <PageHead
        title="An app asks for a key"
        sentence={`You are signed in as ${session.person.email}.`}
      />
      <div className="stack">
        <p className="app-host" data-testid="app-host">
          {request.host}
        </p>
        {workspaces.length > 0 ? (
          <GrantForm request={request} workspaces={workspaces} />
        ) : (
          <NoWorkspace request={request} />
        )}
      </div>
    </>
  );
}

interface GrantFormProps {
  readonly request: AppRequest;
  readonly workspaces: SessionReply['workspaces'];
}

function GrantForm({ request, workspaces }: GrantFormProps) {
  const [workspaceId, setWorkspaceId] = useState(workspaces[0]?.id ?? '');
  const [limitUsd, setLimitUsd] = useState(USUAL_USD);
  const [span, setSpan] = useState<Span>('monthly');
  const { callbackUrl, codeChallenge, keyName } = request;
  const grant = useMutation({
    mutationFn: () =>
      grantApp(workspaceId, { callbackUrl, codeChallenge, keyName, limitUsd, span }),
    onSuccess: ({ redirectUrl }) => window.location.assign(redirectUrl),
  });
  const isComplete = LIMIT.test(limitUsd);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete) grant.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p>
        It gets a live key called <strong>{keyName}</strong>, with which it can call every model of
        this hub and spend the balance up to the limit below. It cannot see your requests, your
        account or your other keys. You can change or revoke the key at any time.
      </p>
      <NativeSelect
        label="Workspace that pays"
        data={workspaces.map(({ id, name }) => ({ value: id, label: name }))}
        value={workspaceId}
        onChange={(event) => setWorkspaceId(event.currentTarget.value)}
      />
      <LimitInput
        limitUsd={limitUsd}
        type={setLimitUsd}
        description="The most that the app may spend."
      />
      <SpanSelect span={span} choose={setSpan} />
      <FormFailure error={grant.error} />
      <div className="dialog-actions">
        <Cancel request={request} />
        <Button type="submit" disabled={!isComplete} loading={grant.isPending || grant.isSuccess}>
          Authorize
        </Button>
      </div>
    </form>
  );
}

function NoWorkspace({ request }: { request: AppRequest }) {
  return (
    <>
      <p>
        You can make no key in any workspace: that takes the role of owner, admin or developer. Make
        a workspace of your own in the console, or ask an owner for another role.
      </p>
      <div className="dialog-actions">
        <Cancel request={request} />
      </div>
    </>
  );
}

function Cancel({ request: { callbackUrl } }: { request: AppRequest }) {
  return (
    <Button variant="default" onClick={() => window.location.assign(deniedUrl(callbackUrl))}>
      Cancel
    </Button>
  );
}
