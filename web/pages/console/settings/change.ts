// A change of the account: after it the page reads again what the hub has, and says what was done.

import { notifications } from '@mantine/notifications';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { refreshAccount } from '../../../api/account.ts';

export interface Change<Input, Output> {
  readonly send: (input: Input) => Promise<Output>;
  /** Empty where the page itself shows it. */
  readonly done?: string;
  readonly onDone?: (output: Output) => void;
}

export function useChange<Input = void, Output = unknown>({
  send,
  done,
  onDone,
}: Change<Input, Output>): UseMutationResult<Output, Error, Input> {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: async (output) => {
      await refreshAccount(queryClient);
      if (done) notifications.show({ message: done });
      onDone?.(output);
    },
  });
}
