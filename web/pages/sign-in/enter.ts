// What every way of signing in ends with on the page: the hub's answer is shown everywhere, and who
// is signed in goes where they were going. Who owes a second step stays.

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { SessionReply } from '../../../src/console/contract.ts';
import { setSession } from '../../api/queries.ts';

export function useEnter(back: string | undefined): (session: SessionReply) => void {
  const queryClient = useQueryClient();
  const router = useRouter();
  return (session) => {
    setSession(queryClient, session);
    if (session.person) router.history.replace(back ?? '/console');
  };
}
