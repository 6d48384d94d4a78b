// What stands where the address names no workspace of the reader's: the way to one of theirs, or to
// a first one.

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { PageHead } from '../../parts/page.tsx';
import { PublicFrame } from '../../parts/public-frame.tsx';
import { NewWorkspace } from './new-workspace.tsx';
import type { Workspace } from './workspace.ts';

export interface ChooseWorkspaceProps {
  readonly email: string;
  readonly workspaces: readonly Workspace[];
}

export function ChooseWorkspace({ email, workspaces }: ChooseWorkspaceProps) {
  const [isMaking, making] = useDisclosure();
  return (
    <PublicFrame>
      {workspaces.length > 0 ? (
        <>
          <PageHead
            title="This workspace is not yours to see"
            sentence={`It does not exist, or ${email} is no member of it.`}
          />
          <div className="stack">
            <p>Ask whoever sent the link for an invitation, or go to a workspace of yours:</p>
            <ul className="links">
              {workspaces.map(({ id, name }) => (
                <li key={id}>
                  <Link to="/console" search={{ workspace: id }}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        </>
      ) : (
        <>
          <PageHead
            title="You belong to no workspace"
            sentence={`Make one of your own, or ask for an invitation of ${email}.`}
          />
          <Button onClick={making.open}>New workspace</Button>
        </>
      )}
      {isMaking && <NewWorkspace close={making.close} />}
    </PublicFrame>
  );
}
