// What the dialogs about one key have in common.

import { useQueryClient } from '@tanstack/react-query';
import type { Key } from '../../../src/console/contract-keys.ts';
import { keysQuery } from '../../api/keys.ts';
import { useWorkspace } from './workspace.ts';

export interface KeyDialogProps {
  readonly apiKey: Key;
  readonly close: () => void;
}

/** Asks anew for the list of keys. */
export function useRefreshKeys(): () => Promise<void> {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: keysQuery(id).queryKey });
}
