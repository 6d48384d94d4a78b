// A modal dialog. It is put together from the kit's pieces because the kit's own header element
// would count as a second page banner for screen readers. Of two that are open the upper one closes.

import { Modal } from '@mantine/core';
import { type ReactNode, useEffect, useId } from 'react';

export interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  /** Whether only a button inside ends it: for what is shown once. */
  readonly isFirm?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, close, isFirm = false, children }: DialogProps) {
  const isUppermost = useIsUppermost();
  return (
    <Modal.Root
      opened
      onClose={() => isUppermost() && close()}
      closeOnClickOutside={!isFirm}
      closeOnEscape={!isFirm}
    >
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

/** The open dialogs, the uppermost last. */
const open: string[] = [];

/** The kit tells every open dialog of a press of escape. */
function useIsUppermost(): () => boolean {
  const id = useId();
  useEffect(() => {
    open.push(id);
    // Not before that press has reached all of them.
    return () => void setTimeout(() => open.splice(open.indexOf(id), 1));
  }, [id]);
  return () => open.at(-1) === id;
}
