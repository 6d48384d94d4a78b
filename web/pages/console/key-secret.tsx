// The text of a key, for the only time that it is shown.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { CodeBlock, CopyButton } from '../../parts/copy.tsx';

export interface KeySecretProps {
  readonly secret: string;
  readonly close: () => void;
  /** What whoever has it can do with it. */
  readonly children: ReactNode;
}

export function KeySecret({ secret, close, children }: KeySecretProps) {
  return (
    <div className="stack">
      <p>Copy it now: it is shown once. The hub keeps a one-way hash and cannot show it again.</p>
      <p className="secret mono" data-testid="secret">
        {secret}
      </p>
      <p className="dimmed">{children}</p>
      <CodeBlock code={`export IH_KEY=${secret}`} what="export line" />
      <div className="dialog-actions">
        <Button variant="default" onClick={close}>
          Done
        </Button>
        <CopyButton text={secret} what="key" />
      </div>
    </div>
  );
}
