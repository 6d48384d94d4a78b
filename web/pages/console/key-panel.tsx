// One key beside the list: what it is and may do, and all that can be done with it. Who may not
// change keys only reads.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Key } from '../../../src/console/contract-keys.ts';
import { changeKey } from '../../api/keys.ts';
import { FormFailure } from '../../parts/failure.tsx';
import { ExactMoment, Moment } from '../../parts/time.tsx';
import { BudgetList } from './budget-list.tsx';
import { ChangeKey } from './change-key.tsx';
import { DisableKey } from './disable-key.tsx';
import { EditBudgets, useMaySetBudgets } from './edit-budgets.tsx';
import { type KeyDialogProps, useRefreshKeys } from './key-dialog.ts';
import { SCOPES } from './key-limits.ts';
import { KeyState } from './key-state.tsx';
import { Maker } from './maker.tsx';
import { RevokeKey } from './revoke-key.tsx';
import { RotateKey } from './rotate-key.tsx';
import { isKeyMaker, isManager, useWorkspace } from './workspace.ts';

type Doing = 'change' | 'budget' | 'rotate' | 'disable' | 'revoke';

export function KeyPanel({ apiKey }: { apiKey: Key }) {
  const mayRevoke = isKeyMaker(useWorkspace()) && apiKey.revokedAt === null;
  const [doing, setDoing] = useState<Doing>();
  const dialog = { apiKey, close: () => setDoing(undefined) };
  return (
    <div className="stack">
      <p>
        <KeyState apiKey={apiKey} />
      </p>
      {mayRevoke && <Actions apiKey={apiKey} begin={setDoing} />}
      <KeyFacts apiKey={apiKey} />
      {doing === 'change' && <ChangeKey {...dialog} />}
      {doing === 'budget' && <KeyBudgets {...dialog} />}
      {doing === 'rotate' && <RotateKey {...dialog} />}
      {doing === 'disable' && <DisableKey {...dialog} />}
      {doing === 'revoke' && <RevokeKey {...dialog} />}
    </div>
  );
}

interface ActionsProps {
  readonly apiKey: Key;
  readonly begin: (what: Doing) => void;
}

function Actions({ apiKey, begin }: ActionsProps) {
  const { name, disabledAt, createdBy } = apiKey;
  const workspace = useWorkspace();
  const maySetBudgets = useMaySetBudgets();
  // A key acts in its maker's name: only they and managers may read it anew or widen it.
  const mayChange = isManager(workspace) || createdBy === workspace.personId;
  const action = (what: Doing, label: string) => (
    <Button
      variant="default"
      size="compact-sm"
      aria-label={`${label} ${what === 'budget' ? 'of ' : ''}${name}`}
      onClick={() => begin(what)}
    >
      {label}
    </Button>
  );
  return (
    <div className="actions">
      {mayChange && action('change', 'Change')}
      {maySetBudgets && action('budget', 'Budget')}
      {mayChange && action('rotate', 'Rotate')}
      {mayChange && disabledAt === null && action('disable', 'Disable')}
      {mayChange && disabledAt !== null && <EnableKey apiKey={apiKey} />}
      {action('revoke', 'Revoke')}
    </div>
  );
}

/** Nothing is lost by it, so it asks nothing. */
function EnableKey({ apiKey }: { apiKey: Key }) {
  const { id } = useWorkspace();
  const refresh = useRefreshKeys();
  const enable = useMutation({
    mutationFn: () => changeKey(id, apiKey.id, { disabled: false }),
    onSuccess: async () => {
      await refresh();
      notifications.show({ message: `${apiKey.name} works again.` });
    },
  });
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Enable ${apiKey.name}`}
        loading={enable.isPending}
        onClick={() => enable.mutate()}
      >
        Enable
      </Button>
      <FormFailure error={enable.error} />
    </>
  );
}

function KeyBudgets({ apiKey: { id, name, mode, budgets }, close }: KeyDialogProps) {
  return (
    <EditBudgets
      owner={{ room: 'keys', id }}
      name={name}
      what={
        mode === 'live'
          ? 'What requests with this key may cost.'
          : 'What requests with this key may cost in play money.'
      }
      budgets={budgets}
      close={close}
    />
  );
}

function KeyFacts({ apiKey }: { apiKey: Key }) {
  const { requestsPerMinute, tokensPerMinute, concurrency, previousUntil, expiresAt } = apiKey;
  const may = SCOPES.filter(({ id }) => apiKey.scopes.includes(id)).map(({ name }) => name);
  return (
    <dl className="facts">
      <Fact name="Key">
        <span className="mono">{apiKey.hint}</span>
      </Fact>
      <Fact name="Mode">{apiKey.mode === 'live' ? 'Live' : 'Test'}</Fact>
      <Fact name="Made">
        <Moment iso={apiKey.createdAt} /> <Maker apiKey={apiKey} />
      </Fact>
      <Fact name="Last used">
        {apiKey.lastUsedAt ? <Moment iso={apiKey.lastUsedAt} /> : 'Never'}
      </Fact>
      <Fact name="Budget">
        <BudgetList budgets={apiKey.budgets} />
      </Fact>
      <Fact name="May">{may.join(', ')}</Fact>
      <Fact name="Models">{apiKey.models?.join(', ') ?? 'All'}</Fact>
      <Fact name="Providers">{apiKey.providers?.join(', ') ?? 'All'}</Fact>
      <Fact name="Requests per minute">{requestsPerMinute ?? NO_LIMIT}</Fact>
      <Fact name="Tokens per minute">{tokensPerMinute ?? NO_LIMIT}</Fact>
      <Fact name="Requests at once">{concurrency ?? NO_LIMIT}</Fact>
      <Fact name="IP ranges">{apiKey.ipRanges?.join(', ') ?? 'From everywhere'}</Fact>
      <Fact name="Expires">{expiresAt ? <ExactMoment iso={expiresAt} /> : 'Never'}</Fact>
      {previousUntil && (
        <Fact name="Old secret until">
          <ExactMoment iso={previousUntil} />
        </Fact>
      )}
    </dl>
  );
}

const NO_LIMIT = 'No limit';

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
