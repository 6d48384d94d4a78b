// The question before something of the account ends: it names the thing and the consequence.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from '../../../parts/dialog.tsx';
import { FormFailure } from '../../../parts/failure.tsx';
import { useChange } from './change.ts';

export interface QuestionProps {
  readonly title: string;
  readonly keep: string;
  readonly act: string;
  readonly send: () => Promise<unknown>;
  readonly done: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

export function Question({ title, keep, act, send, done, close, children }: QuestionProps) {
  const change = useChange({ send, done, onDone: close });
  return (
    <Dialog title={title} close={close}>
      <div className="stack">
        <p>{children}</p>
        <FormFailure error={change.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close} data-autofocus>
            {keep}
          </Button>
          <Button color="red" loading={change.isPending} onClick={() => change.mutate()}>
            {act}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
