// The side panel beside the list. It takes the focus when it opens and leaves the list usable, so
// that j and k walk from receipt to receipt.

import { ActionIcon } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { CloseIcon } from '../../parts/icons.tsx';
import { Receipt } from './receipt.tsx';

export function ReceiptPanel({ requestId, close }: { requestId: string; close: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <aside className="panel" aria-labelledby="receipt-title">
      <div className="panel-head">
        <h2 id="receipt-title" ref={heading} tabIndex={-1}>
          Receipt
        </h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close receipt" onClick={close}>
          <CloseIcon />
        </ActionIcon>
      </div>
      <Receipt requestId={requestId} />
    </aside>
  );
}
