// Rotating a key: it gets a new secret and keeps all else; the old secret goes on for as long as it
// takes to put the new one in its place.

import { Button, Radio } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { rotateKey } from '../../api/keys.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { type KeyDialogProps, useRefreshKeys } from './key-dialog.ts';
import { KeySecret } from './key-secret.tsx';
import { useWorkspace } from './workspace.ts';

const HOUR = 3_600;
const OVERLAPS: readonly { readonly seconds: number; readonly label: string }[] = [
  { seconds: 0, label: 'Not at all: it has leaked' },
  { seconds: HOUR, label: 'For an hour' },
  { seconds: 24 * HOUR, label: 'For a day' },
  { seconds: 7 * 24 * HOUR, label: 'For a week' },
  { seconds: 30 * 24 * HOUR, label: 'For 30 days' },
];
const USUAL = 24 * HOUR;

export function RotateKey({ apiKey, close }: KeyDialogProps) {
  const { id } = useWorkspace();
  const refresh = useRefreshKeys();
  const [overlapSeconds, setOverlap] = useState(USUAL);
  const rotate = useMutation({
    mutationFn: () => rotateKey(id, apiKey.id, { overlapSeconds }),
    onSuccess: refresh,
  });
  const made = rotate.data;
  if (made) {
    return (
      <Dialog title={`New secret of ${apiKey.name}`} close={close} isFirm>
        <KeySecret secret={made.secret} close={close}>
          {endOfOld(overlapSeconds)} The key's name, limits, budgets and requests stay.
        </KeySecret>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Rotate ${apiKey.name}?`} close={close}>
      <div className="stack">
        <p>
          The key gets a new secret, shown once. Choose how long{' '}
          <b className="mono">{apiKey.hint}</b> goes on, so that you can put the new one in its
          place.
        </p>
        <Radio.Group
          label="The old secret works"
          value={String(overlapSeconds)}
          onChange={(value) => setOverlap(Number(value))}
        >
          {OVERLAPS.map(({ seconds, label }) => (
            <Radio key={seconds} value={String(seconds)} label={label} />
          ))}
        </Radio.Group>
        <p className="dimmed">
          {endOfOld(overlapSeconds)}
          {apiKey.previousUntil && ' The secret from before the last rotation ends now.'}
        </p>
        <FormFailure error={rotate.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
            Rotate {apiKey.name}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function endOfOld(overlapSeconds: number): string {
  if (overlapSeconds === 0) return 'Requests with the old secret fail within a second.';
  const hours = overlapSeconds / HOUR;
  const span = hours > 24 ? `${hours / 24} days` : hours === 1 ? 'one hour' : `${hours} hours`;
  return `Requests with the old secret fail after ${span}.`;
}
