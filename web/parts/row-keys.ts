// Rows that open a side panel: j and k walk them, enter opens (a row's link), escape closes. A row's
// link carries `data-row` with the id of what it opens.

import { useHotkeys } from '@mantine/hooks';
import type { MouseEvent } from 'react';

export interface RowKeysOptions {
  /** The id of what the panel shows; undefined while it is closed. */
  readonly open: string | undefined;
  readonly ids: readonly string[] | undefined;
  /** Shows another in the panel; undefined closes it. */
  readonly show: (id: string | undefined) => void;
}

/** Keyboard over the rows; gives the function that closes the panel and returns to its row. */
export function useRowKeys({ open, ids = [], show }: RowKeysOptions): () => void {
  const move = (step: number) => {
    const current = ids.indexOf(open ?? focusedRow() ?? '');
    const next = ids[current === -1 ? 0 : current + step];
    if (next === undefined) return;
    if (open === undefined) focusRow(next);
    else show(next);
  };
  const close = () => {
    if (open === undefined) return;
    show(undefined);
    focusRow(open);
  };
  useHotkeys([
    ['j', outsideDialogs(() => move(1))],
    ['k', outsideDialogs(() => move(-1))],
    ['Escape', outsideDialogs(close)],
  ]);
  return close;
}

/** The whole row is a target for the pointer; the keyboard has the row's link. */
export function followRow(event: MouseEvent<HTMLTableRowElement>): void {
  const isOnLink = event.target instanceof Element && event.target.closest('a') !== null;
  if (!isOnLink) event.currentTarget.querySelector('a')?.click();
}

/** What is pressed in a dialog is meant for it, though it may have closed by the same press. */
function outsideDialogs(act: () => void): (event: KeyboardEvent) => void {
  return ({ target }) => {
    if (!(target instanceof Element && target.closest('[role="dialog"]'))) act();
  };
}

function focusedRow(): string | undefined {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement ? activeElement.dataset['row'] : undefined;
}

function focusRow(id: string): void {
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus();
}
