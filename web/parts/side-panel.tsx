// The side panel beside a list. It takes the focus when it opens and leaves the list usable, so that
// j and k walk from row to row.

import { ActionIcon } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { CloseIcon } from './icons.tsx';

export interface SidePanelProps {
  readonly title: string;
  /** Completes the name of the button: "Close receipt". */
  readonly what: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

export function SidePanel({ title, what, close, children }: SidePanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <aside className="panel" aria-labelledby="panel-title">
      <div className="panel-head">
        <h2 id="panel-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <ActionIcon variant="subtle" color="gray" aria-label={`Close ${what}`} onClick={close}>
          <CloseIcon />
        </ActionIcon>
      </div>
      {children}
    </aside>
  );
}
