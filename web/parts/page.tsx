// The anatomy that all pages share: one title, one sentence, one action at the right; and the empty
// state that teaches the first step.

import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

export interface PageHeadProps {
  readonly title: string;
  readonly sentence: ReactNode;
  readonly action?: ReactNode;
}

export function PageHead({ title, sentence, action }: PageHeadProps) {
  useDocumentTitle(`${title} · InferenceHub`);
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        <p className="dimmed">{sentence}</p>
      </div>
      {action}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What decides by its own width which columns a table inside it shows. */
export function TableFrame({ children }: { children: ReactNode }) {
  return <div className="table-frame">{children}</div>;
}

/** The head of a column of buttons, which need no words above them but for who cannot see them. */
export function ActionHead() {
  return (
    <th scope="col">
      <span className="visually-hidden">Action</span>
    </th>
  );
}
