// Who made a key, or for which app it was made. The key carries an id; the name is the member's of today.

import { useQuery } from '@tanstack/react-query';
import type { Key } from '../../../src/console/contract-keys.ts';
import { membersQuery } from '../../api/workspaces.ts';
import { useWorkspace } from './workspace.ts';

export function Maker({ apiKey }: { apiKey: Key }) {
  const name = useMakerName()(apiKey);
  if (apiKey.app !== null) return `for ${apiKey.app}`;
  return name && `by ${name}`;
}

/** Empty until the members are known. */
export function useMakerName(): (apiKey: Key) => string {
  const { id } = useWorkspace();
  const { data } = useQuery(membersQuery(id));
  return ({ createdBy }) => {
    if (data === undefined) return '';
    const member = data.members.find(({ personId }) => personId === createdBy);
    return member?.name ?? 'a former member';
  };
}
