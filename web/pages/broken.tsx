// What stands where a page could not be drawn: mostly a bundle that did not load, because the
// connection is gone or the hub was updated meanwhile.

import { Button } from '@mantine/core';

export function BrokenPage() {
  return (
    <main className="public-main">
      <div role="alert" className="empty">
        <h1>This page could not be shown</h1>
        <p>
          {navigator.onLine
            ? 'The hub may have been updated since the page was opened. Loading it again helps.'
            : 'You are offline. Load the page again when the connection is back.'}
        </p>
        <Button onClick={() => window.location.reload()}>Load again</Button>
      </div>
    </main>
  );
}
