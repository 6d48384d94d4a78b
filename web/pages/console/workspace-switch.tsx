// The name of the workspace in the top bar: it opens the list of all that the reader belongs to, and
// the way to a new one.

import { Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { CheckIcon, DownIcon, PlusIcon } from '../../parts/icons.tsx';
import { useBook } from './book.ts';
import { NewWorkspace } from './new-workspace.tsx';
import type { Workspace } from './workspace.ts';

export interface WorkspaceSwitchProps {
  readonly current: Workspace;
  readonly workspaces: readonly Workspace[];
}

export function WorkspaceSwitch({ current, workspaces }: WorkspaceSwitchProps) {
  const book = useBook();
  const navigate = useNavigate();
  const [isMaking, making] = useDisclosure();
  // What is open on a page (a key, a receipt) belongs to the workspace that is left.
  const show = (workspace: string) =>
    void navigate({ to: '.', search: { ...(book === 'test' && { book }), workspace } });
  return (
    <>
      <Menu position="bottom-start" width={260}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="compact-md"
            className="workspace-switch"
            rightSection={<DownIcon />}
            aria-label={`Workspace ${current.name}`}
            title={current.name}
          >
            {current.name}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {workspaces.map(({ id, name, role }) => (
            <Menu.Item
              key={id}
              className="workspace-choice"
              rightSection={id === current.id && <CheckIcon />}
              aria-current={id === current.id}
              onClick={() => show(id)}
            >
              {name} <span className="dimmed">{role}</span>
            </Menu.Item>
          ))}
          <Menu.Item leftSection={<PlusIcon />} onClick={making.open}>
            New workspace
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isMaking && <NewWorkspace close={making.close} />}
    </>
  );
}
