// How a failure looks: what happened, and a way to try again. A dead network, a silent hub and a
// refusal are told apart.

import { Button } from '@mantine/core';
import { ApiFailure } from '../api/client.ts';

const TITLES = {
  offline: 'You are offline',
  unreachable: 'The hub does not answer',
  refused: 'This could not be loaded',
  cancelled: 'This could not be loaded',
};

/** A failed query in the place of its content. */
export function QueryFailure({ error, retry }: { error: Error; retry: () => unknown }) {
  const kind = error instanceof ApiFailure ? error.kind : 'refused';
  return (
    <div role="alert" className={`failure failure-${kind}`}>
      <h2>{TITLES[kind]}</h2>
      <p>
        {error.message} <RequestId error={error} />
      </p>
      <Button size="compact-sm" variant="default" onClick={() => void retry()}>
        Retry
      </Button>
    </div>
  );
}

/** Stands above a page whose live connection is gone: what is shown may be old. */
export function OutOfReach({ isOnline }: { isOnline: boolean }) {
  const kind = isOnline ? 'unreachable' : 'offline';
  return (
    <div role="alert" className={`failure failure-${kind}`}>
      <h2>{TITLES[kind]}</h2>
      <p>What you see is from before. The page catches up by itself as soon as it can.</p>
    </div>
  );
}

/**
 * A refused form or dialog: stands above its buttons; what was typed stays. Whoever has cancelled the
 * question who they are knows it, so that nothing is said of it.
 */
export function FormFailure({ error }: { error: Error | null }) {
  const isCancelled = error instanceof ApiFailure && error.kind === 'cancelled';
  return (
    <div role="alert">
      {error && !isCancelled && (
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
