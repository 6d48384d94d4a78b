// A modal dialog. It is put together from the kit's pieces because the kit's own header element
// would count as a second page banner for screen readers.

import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

export interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  /** Whether only a button inside ends it: for what is shown once. */
  readonly isFirm?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, close, isFirm = false, children }: DialogProps) {
  return (
    <Modal.Root opened onClose={close} closeOnClickOutside={!isFirm} closeOnEscape={!isFirm}>
      <Modal.Overlay />
      <Modal.Content>
        <div className="dialog-head">
          <Modal.Title>{title}</Modal.Title>
          {!isFirm && <Modal.CloseButton aria-label="Close" />}
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
