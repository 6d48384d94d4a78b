// The console's frame: rail, top bar, and the signed-in person's workspace for the pages inside.
// Who is not signed in goes to the sign-in page and comes back to where they were.

import { ActionIcon, Button, Popover, SegmentedControl, Skeleton } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import type { SessionReply } from '../../../src/console/contract.ts';
import { signOut } from '../../api/client.ts';
import { useLiveWorkspace } from '../../api/live.ts';
import { balanceQuery, forgetPerson, sessionQuery } from '../../api/queries.ts';
import { FormFailure, OutOfReach, QueryFailure } from '../../parts/failure.tsx';
import {
  ActivityIcon,
  ApiIcon,
  KeysIcon,
  MailIcon,
  MembersIcon,
  ModelsIcon,
  OverviewIcon,
  PersonIcon,
  PriceIcon,
  ProviderKeysIcon,
  ReviewIcon,
  ScalesIcon,
  SettingsIcon,
  WorkspaceIcon,
} from '../../parts/icons.tsx';
import { Logo } from '../../parts/logo.tsx';
import { Money } from '../../parts/money.tsx';
import { SkeletonText } from '../../parts/skeleton.tsx';
import { ThemeSwitch } from '../../parts/theme-switch.tsx';
import { ToSignIn } from '../../parts/to-sign-in.tsx';
import { useBook } from './book.ts';
import { ChooseWorkspace } from './choose-workspace.tsx';
import { DriftNotice } from './operator/drift-notice.tsx';
import { WorkspaceContext } from './workspace.ts';
import { WorkspaceSwitch, type WorkspaceSwitchProps } from './workspace-switch.tsx';

type Person = NonNullable<SessionReply['person']>;

const ENTRIES = [
  { to: '/console', label: 'Overview', Icon: OverviewIcon },
  { to: '/console/activity', label: 'Activity', Icon: ActivityIcon },
  { to: '/console/keys', label: 'Keys', Icon: KeysIcon },
  { to: '/console/credentials', label: 'Provider keys', Icon: ProviderKeysIcon },
  { to: '/console/models', label: 'Models', Icon: ModelsIcon },
  { to: '/console/members', label: 'Members', Icon: MembersIcon },
  { to: '/console/workspace', label: 'Workspace', Icon: WorkspaceIcon },
  { to: '/console/api', label: 'API', Icon: ApiIcon },
  { to: '/console/settings', label: 'Settings', Icon: SettingsIcon },
] as const;

const OPERATOR_ENTRIES = [
  { to: '/console/operator/reconciliation', label: 'Reconciliation', Icon: ScalesIcon },
  { to: '/console/operator/reviews', label: 'Reviews', Icon: ReviewIcon },
  { to: '/console/operator/prices', label: 'Prices', Icon: PriceIcon },
  { to: '/console/operator/mail', label: 'Mail', Icon: MailIcon },
] as const;

export function ConsoleFrame() {
  const { data: session, error, refetch } = useQuery(sessionQuery);
  const { workspace: named } = useSearch({ from: '/console' });
  if (error && !session) {
    return (
      <main className="public-main">
        <QueryFailure error={error} retry={refetch} />
      </main>
    );
  }
  if (!session) return <FrameSkeleton />;
  const { person, workspaces } = session;
  if (!person) return <ToSignIn />;
  const [first] = workspaces;
  if (named === undefined && first) return <ToWorkspace id={first.id} />;
  const workspace = workspaces.find(({ id }) => id === named);
  if (!workspace) return <ChooseWorkspace email={person.email} workspaces={workspaces} />;
  // A key, so that nothing that is open in one workspace stays open in the next.
  return (
    <SignedIn key={workspace.id} person={person} workspace={workspace} workspaces={workspaces} />
  );
}

/** The address names the workspace, so that it leads everyone who is given it to the same. */
function ToWorkspace({ id }: { id: string }) {
  return <Navigate to="." search={(search) => ({ ...search, workspace: id })} hash replace />;
}

interface SignedInProps extends Pick<WorkspaceSwitchProps, 'workspaces'> {
  readonly person: Person;
  readonly workspace: WorkspaceSwitchProps['current'];
}

function SignedIn({ person, workspace, workspaces }: SignedInProps) {
  const isConnected = useLiveWorkspace(workspace.id);
  const { online } = useNetwork();
  return (
    <WorkspaceContext value={{ ...workspace, personId: person.id, isOperator: person.isOperator }}>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="console-bar">
        <Link to="/" className="brand" aria-label="InferenceHub, front page">
          <Logo />
        </Link>
        <WorkspaceSwitch current={workspace} workspaces={workspaces} />
        <Balance workspaceId={workspace.id} />
        <ThemeSwitch />
        <Account person={person} />
      </header>
      <nav className="rail" aria-label="Console">
        <RailLinks entries={ENTRIES} />
        {person.isOperator && (
          <div className="rail-group" role="group" aria-labelledby="operator-pages">
            <span id="operator-pages" className="rail-title">
              Operator
            </span>
            <RailLinks entries={OPERATOR_ENTRIES} />
          </div>
        )}
      </nav>
      <main id="content" className="console-main" tabIndex={-1}>
        {(!isConnected || !online) && <OutOfReach isOnline={online} />}
        {person.isOperator && <DriftNotice />}
        <Outlet />
      </main>
      <Notifications position="bottom-right" autoClose={4000} transitionDuration={120} />
    </WorkspaceContext>
  );
}

interface RailLinksProps {
  readonly entries: typeof ENTRIES | typeof OPERATOR_ENTRIES;
}

function RailLinks({ entries }: RailLinksProps) {
  const book = useBook();
  return entries.map(({ to, label, Icon }) => (
    <Link
      key={to}
      to={to}
      search={book === 'test' ? { book } : {}}
      className="rail-link"
      activeOptions={{ exact: to === '/console', includeSearch: false }}
    >
      <Icon />
      {label}
    </Link>
  ));
}

function Balance({ workspaceId }: { workspaceId: string }) {
  const book = useBook();
  const navigate = useNavigate();
  const { data } = useQuery(balanceQuery(workspaceId));
  return (
    <div className="bar-balance">
      <span className="bar-amount" aria-live="polite">
        <span className="visually-hidden">{book === 'live' ? 'Live' : 'Test'} balance </span>
        {data ? <Money nanos={data[book].balanceNanos} /> : <SkeletonText width={56} />}
      </span>
      {data && (
        <span className="bar-rate dimmed">
          <Money nanos={data[book].spentLastDayNanos} /> in 24 h
        </span>
      )}
      <SegmentedControl
        size="xs"
        aria-label="Which money"
        value={book}
        data={[
          { value: 'live', label: 'Live' },
          { value: 'test', label: 'Test' },
        ]}
        onChange={(value) => {
          // An open receipt belongs to the other book, so it closes.
          void navigate({ to: '.', search: value === 'test' ? { book: 'test' } : {} });
        }}
      />
    </div>
  );
}

function Account({ person }: { person: Person }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate({ to: '/' });
      forgetPerson(queryClient);
    },
  });
  return (
    <Popover position="bottom-end" width={260} withinPortal={false} trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label="Account" title="Account">
          <PersonIcon />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className="account">
        <p>
          <strong>{person.name}</strong>
          <br />
          <span className="dimmed">
            {person.email}
            {person.isOperator && ', operator'}
          </span>
        </p>
        <FormFailure error={leave.error} />
        <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
          Sign out
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

function FrameSkeleton() {
  return (
    <main className="console-main" aria-busy="true">
      <Skeleton height={28} width={180} mb={8} />
      <Skeleton height={16} width={320} mb={32} />
      <Skeleton height={96} />
    </main>
  );
}
