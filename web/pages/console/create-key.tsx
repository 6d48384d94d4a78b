// Making a key: name, mode and budget, limits for who wants them, then the secret, which is shown
// once and exists only in this dialog.

import { Button, Radio, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Span } from '../../../src/console/contract.ts';
import type { CreateKeyReply, Key } from '../../../src/console/contract-keys.ts';
import type { Book } from '../../api/client.ts';
import { createKey } from '../../api/keys.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { useBook } from './book.ts';
import { useRefreshKeys } from './key-dialog.ts';
import { areLimits, changedLimits, NO_LIMITS } from './key-limits.ts';
import { KeySecret } from './key-secret.tsx';
import { LimitFieldset } from './limit-fields.tsx';
import { LIMIT, LimitInput, SpanSelect } from './limit-input.tsx';
import { useWorkspace } from './workspace.ts';

export function CreateKey({ close }: { close: () => void }) {
  const [made, setMade] = useState<CreateKeyReply>();
  return (
    <Dialog
      title={made ? `Key ${made.key.name}` : 'Create key'}
      close={close}
      isFirm={made !== undefined}
    >
      {made ? (
        <KeySecret secret={made.secret} close={close}>
          {powerOf(made.key)} It cannot sign in.
        </KeySecret>
      ) : (
        <KeyForm close={close} done={setMade} />
      )}
    </Dialog>
  );
}

function KeyForm({ close, done }: { close: () => void; done: (made: CreateKeyReply) => void }) {
  const { id } = useWorkspace();
  const refresh = useRefreshKeys();
  const [name, setName] = useState('');
  const [mode, setMode] = useState<Book>(useBook());
  const [limitUsd, setLimitUsd] = useState('');
  const [span, setSpan] = useState<Span>('monthly');
  const [limits, setLimits] = useState(NO_LIMITS);
  const isBudget = limitUsd === '' || LIMIT.test(limitUsd);
  const isComplete = name.trim() !== '' && isBudget && areLimits(limits);
  const create = useMutation({
    mutationFn: () =>
      createKey(id, {
        name: name.trim(),
        mode,
        ...(limitUsd !== '' && { budget: { span, limitUsd } }),
        ...changedLimits(limits),
      }),
    onSuccess: (made) => {
      done(made);
      void refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete) create.mutate();
  };

  return (
    <form className="stack" onSubmit={submit}>
      <TextInput
        label="Name"
        description="What uses it, such as ci-runner or laptop."
        required
        data-autofocus
        autoComplete="off"
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <ModeChoice mode={mode} choose={setMode} />
      <LimitInput
        limitUsd={limitUsd}
        type={setLimitUsd}
        description="The most that it may spend. Empty: as much as the balance holds."
      />
      {limitUsd !== '' && <SpanSelect span={span} choose={setSpan} />}
      <details className="fold">
        <summary>Limits</summary>
        <LimitFieldset fields={limits} change={setLimits} />
      </details>
      <FormFailure error={create.error} />
      <div className="dialog-actions">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" disabled={!isComplete} loading={create.isPending}>
          Create key
        </Button>
      </div>
    </form>
  );
}

function ModeChoice({ mode, choose }: { mode: Book; choose: (mode: Book) => void }) {
  return (
    <Radio.Group
      label="Mode"
      value={mode}
      onChange={(value) => choose(value === 'test' ? 'test' : 'live')}
    >
      <Radio
        value="live"
        label="Live"
        description="Spends the live balance and reaches the models of this hub."
      />
      <Radio
        value="test"
        label="Test"
        description="Spends play money and reaches sandbox models only: for trials and CI."
      />
    </Radio.Group>
  );
}

/** What whoever has the key can do. */
function powerOf({ mode, scopes }: Key): string {
  const reach = mode === 'live' ? 'the models of this hub' : 'sandbox models';
  const powers = {
    inference: `call ${reach} and spend the ${mode} balance`,
    usage: 'read requests, receipts, members and balance',
    keys: 'make, change and revoke keys',
  };
  const can = scopes.map((scope) => powers[scope]);
  return `Whoever has it can ${can.join('; ')}, until it is revoked.`;
}
