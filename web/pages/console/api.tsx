// How programs reach the hub: the addresses, what a key may ask about itself, and where the whole
// description is.

import { Link } from '@tanstack/react-router';
import { useHub } from '../../api/queries.ts';
import { CodeBlock, CopyLine } from '../../parts/copy.tsx';
import { PageHead } from '../../parts/page.tsx';

export function ApiPage() {
  const { baseUrl, origin } = useHub();
  return (
    <>
      <PageHead
        title="API"
        sentence="What the pages can do, programs can do too, with a key that has the scope for it."
      />
      <section aria-labelledby="models-api" className="card stack">
        <h2 id="models-api">Models</h2>
        <CopyLine text={baseUrl} what="base URL" />
        <p className="dimmed">
          For every client that speaks OpenAI's protocol; those of Anthropic and Google take{' '}
          <code>{origin}</code>.
        </p>
        <CodeBlock
          code={`curl ${baseUrl}/key -H "Authorization: Bearer $IH_KEY"\ncurl ${baseUrl}/credits -H "Authorization: Bearer $IH_KEY"`}
          what="what a key may do, and what is left"
        />
      </section>
      <section aria-labelledby="workspace-api" className="card stack">
        <h2 id="workspace-api">Workspace</h2>
        <p>
          A <Link to="/console/keys">key</Link> with the scope Usage reads requests, receipts,
          members and balance; one with the scope Keys makes, changes and revokes keys. The whole
          API is described in OpenAPI 3.1:
        </p>
        <CopyLine text={`${origin}/api/v1/openapi.json`} what="address of the OpenAPI document" />
        <p>
          <a href="/api/v1/openapi.json">Open the OpenAPI document</a>
        </p>
      </section>
    </>
  );
}
