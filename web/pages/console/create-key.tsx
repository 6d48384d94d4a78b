// Making a key: name and mode, then the secret, which is shown once and exists only in this dialog.

import { Button, Radio, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Span } from '../../../src/console/contract.ts';
import type { CreateKeyReply } from '../../../src/console/contract-keys.ts';
import { type Book, createKey } from '../../api/client.ts';
import { keysQuery } from '../../api/queries.ts';
import { CodeBlock, CopyButton } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { useBook } from './book.ts';
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
      {made ? <Secret made={made} close={close} /> : <KeyForm close={close} done={setMade} />}
    </Dialog>
  );
}

function KeyForm({ close, done }: { close: () => void; done: (made: CreateKeyReply) => void }) {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [mode, setMode] = useState<Book>(useBook());
  const [limitUsd, setLimitUsd] = useState('');
  const [span, setSpan] = useState<Span>('monthly');
  const isComplete = name.trim() !== '' && (limitUsd === '' || LIMIT.test(limitUsd));
  const create = useMutation({
    mutationFn: () =>
      createKey(id, {
        name: name.trim(),
        mode,
        ...(limitUsd !== '' && { budget: { span, limitUsd } }),
      }),
    onSuccess: (made) => {
      done(made);
      void queryClient.invalidateQueries({ queryKey: keysQuery(id).queryKey });
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
      <Radio.Group
        label="Mode"
        value={mode}
        onChange={(value) => setMode(value === 'test' ? 'test' : 'live')}
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
      <LimitInput
        limitUsd={limitUsd}
        type={setLimitUsd}
        description="The most that it may spend. Empty: as much as the balance holds."
      />
      {limitUsd !== '' && <SpanSelect span={span} choose={setSpan} />}
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

function Secret({ made, close }: { made: CreateKeyReply; close: () => void }) {
  const reach = made.key.mode === 'live' ? 'the models of this hub' : 'sandbox models';
  return (
    <div className="stack">
      <p>Copy it now: it is shown once. The hub keeps a one-way hash and cannot show it again.</p>
      <p className="secret mono" data-testid="secret">
        {made.secret}
      </p>
      <p className="dimmed">
        Whoever has it can call {reach} and spend the {made.key.mode} balance until it is revoked.
        It cannot sign in or make keys.
      </p>
      <CodeBlock code={`export IH_KEY=${made.secret}`} what="export line" />
      <div className="dialog-actions">
        <Button variant="default" onClick={close}>
          Done
        </Button>
        <CopyButton text={made.secret} what="key" />
      </div>
    </div>
  );
}
