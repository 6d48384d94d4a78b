// Where the operator's pages end for everybody else: to them there is nothing at these addresses.

import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { PageHead } from '../../../parts/page.tsx';
import { useWorkspace } from '../workspace.ts';

export function OperatorOnly({ children }: { children: ReactNode }) {
  const { isOperator } = useWorkspace();
  if (isOperator) return children;
  return (
    <>
      <PageHead title="Nothing is here" sentence="No page of this hub has this address." />
      <p>
        Go to the <Link to="/console">overview</Link>.
      </p>
    </>
  );
}
