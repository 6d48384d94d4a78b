// The workspace itself: what it is called, when its people are warned of a low balance, to whom it is
// handed over, and how a member leaves it.

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { membersQuery, workspaceQuery } from '../../api/workspaces.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { PageHead } from '../../parts/page.tsx';
import { SkeletonText } from '../../parts/skeleton.tsx';
import { LowBalanceForm } from './low-balance-form.tsx';
import { RemoveMember } from './remove-member.tsx';
import { TransferForm } from './transfer-form.tsx';
import { isManager, useWorkspace } from './workspace.ts';
import { WorkspaceNameForm } from './workspace-name-form.tsx';

export function WorkspacePage() {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(workspaceQuery(workspace.id));
  const mayWarn = isManager(workspace) || workspace.role === 'billing';
  return (
    <>
      <PageHead
        title="Workspace"
        sentence="What has a balance, keys and members of its own, and one owner."
      />
      {error && !data && <QueryFailure error={error} retry={refetch} />}
      {!data && !error && <SkeletonText width={320} />}
      {data && (
        <div className="workspace-parts">
          <section aria-labelledby="name" className="card stack">
            <h2 id="name">Name</h2>
            <WorkspaceNameForm key={data.name} name={data.name} mayChange={isManager(workspace)} />
          </section>
          <section aria-labelledby="low-balance" className="card stack">
            <h2 id="low-balance">Low balance warning</h2>
            <LowBalanceForm
              key={data.lowBalanceNanos}
              nanos={data.lowBalanceNanos}
              mayChange={mayWarn}
            />
          </section>
          {workspace.role === 'owner' ? <Transfer /> : <Leave />}
        </div>
      )}
    </>
  );
}

function Transfer() {
  return (
    <section aria-labelledby="transfer" className="card stack">
      <h2 id="transfer">Hand over</h2>
      <TransferForm />
    </section>
  );
}

function Leave() {
  const { id, personId, role } = useWorkspace();
  const { data } = useQuery(membersQuery(id));
  const [isLeaving, leaving] = useDisclosure();
  const own = data?.members.find((member) => member.personId === personId);
  return (
    <section aria-labelledby="leave" className="card stack">
      <h2 id="leave">Leave</h2>
      <p>Your role here is {role}. Only an invitation brings you back.</p>
      <div>
        <Button variant="default" disabled={!own} onClick={leaving.open}>
          Leave workspace
        </Button>
      </div>
      {isLeaving && own && <RemoveMember member={own} close={leaving.close} />}
    </section>
  );
}
