// What the roles of a workspace may do, in a sentence each, and the choice of one.

import { Radio } from '@mantine/core';
import type { GivenRole } from '../../../src/console/contract-workspaces.ts';

const GIVEN_ROLES: readonly { readonly role: GivenRole; readonly name: string; what: string }[] = [
  { role: 'admin', name: 'Admin', what: 'Everything but handing the workspace over.' },
  {
    role: 'developer',
    name: 'Developer',
    what: 'Makes keys, revokes any, and looks at everything.',
  },
  {
    role: 'billing',
    name: 'Billing',
    what: 'Sets the balance warning, gets its mails, and looks at everything.',
  },
  { role: 'viewer', name: 'Viewer', what: 'Looks at everything and changes nothing.' },
];

export interface RoleChoiceProps {
  readonly role: GivenRole;
  readonly choose: (role: GivenRole) => void;
}

export function RoleChoice({ role, choose }: RoleChoiceProps) {
  return (
    <Radio.Group
      label="Role"
      value={role}
      onChange={(value) => {
        const chosen = GIVEN_ROLES.find((given) => given.role === value);
        if (chosen) choose(chosen.role);
      }}
    >
      {GIVEN_ROLES.map(({ role: value, name, what }) => (
        <Radio key={value} value={value} label={name} description={what} />
      ))}
    </Radio.Group>
  );
}
