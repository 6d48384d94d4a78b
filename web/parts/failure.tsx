// How a failure looks: what happened, and a way to try again. A dead network, a silent hub and a
// refusal are told apart.

import { Alert, Button } from '@mantine/core';
import { ApiFailure } from '../api/client.ts';

const TITLES = {
  offline: 'You are offline',
  unreachable: 'The hub does not answer',
  refused: 'This could not be loaded',
};

/** A failed query in the place of its content. */
export function QueryFailure({ error, retry }: { error: Error; retry: () => unknown }) {
  const kind = error instanceof ApiFailure ? error.kind : 'refused';
  return (
    <Alert color={kind === 'refused' ? 'red' : 'yellow'} title={TITLES[kind]} className="failure">
      <p>{error.message}</p>
      <RequestId error={error} />
      <Button size="compact-sm" variant="default" onClick={() => void retry()}>
        Retry
      </Button>
    </Alert>
  );
}

/** A refused form or dialog: stands above its buttons; what was typed stays. */
export function FormFailure({ error }: { error: Error | null }) {
  return (
    <div role="alert">
      {error && (
        <p className="form-failure">
          {error.message} <RequestId error={error} />
        </p>
      )}
    </div>
  );
}

function RequestId({ error }: { error: Error }) {
  if (!(error instanceof ApiFailure) || error.status < 500 || !error.requestId) return null;
  return <span className="dimmed mono">Request {error.requestId}</span>;
}
