// The workspace's keys: which there are, what each may do and how it is used. The filters and the key
// in the side panel stand in the address bar.

import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Key } from '../../../src/console/contract-keys.ts';
import { keysQuery } from '../../api/keys.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { SearchIcon } from '../../parts/icons.tsx';
import { Empty, PageHead, TableFrame } from '../../parts/page.tsx';
import { useRowKeys } from '../../parts/row-keys.ts';
import { SidePanel } from '../../parts/side-panel.tsx';
import { CreateKey } from './create-key.tsx';
import { KeyPanel } from './key-panel.tsx';
import { KEY_STATES, stateOf } from './key-state.tsx';
import { KeyTable } from './key-table.tsx';
import { useMakerName } from './maker.tsx';
import { isKeyMaker, useWorkspace } from './workspace.ts';

export function KeysPage() {
  const workspace = useWorkspace();
  const { data, error, refetch } = useQuery(keysQuery(workspace.id));
  const { key: openId, q = '', state } = useSearch({ from: '/console/keys' });
  const [isCreating, creating] = useDisclosure();
  const change = useFilters();
  const nameOf = useMakerName();
  const keys = data?.keys.filter((key) => matches(key, nameOf(key), q, state));
  const opened = data?.keys.find(({ id }) => id === openId);
  const close = useRowKeys({
    open: opened?.id,
    ids: keys?.map(({ id }) => id),
    show: (key = '') => change({ key }),
  });
  return (
    <div className="with-panel" data-panel={opened !== undefined}>
      <div className="panel-list">
        <PageHead
          title="Keys"
          sentence="A key lets a program call models and spend this workspace's balance."
          action={isKeyMaker(workspace) && <Button onClick={creating.open}>Create key</Button>}
        />
        {error && !data && <QueryFailure error={error} retry={refetch} />}
        {data?.keys.length === 0 && <NoKeys />}
        {data && data.keys.length > 0 && <Filters q={q} state={state} change={change} />}
        {keys?.length === 0 && data && data.keys.length > 0 && (
          <Empty title="No key is as the filters want it">
            <p>
              Each word must occur in a key's name, its end, its app, its maker's name or its state.
            </p>
          </Empty>
        )}
        {(keys ? keys.length > 0 : !error) && (
          <TableFrame>
            <KeyTable keys={keys} openId={opened?.id} />
          </TableFrame>
        )}
      </div>
      {opened && (
        <SidePanel title={opened.name} what="key" close={close}>
          <KeyPanel key={opened.id} apiKey={opened} />
        </SidePanel>
      )}
      {isCreating && <CreateKey close={creating.close} />}
    </div>
  );
}

function NoKeys() {
  return (
    <Empty title="No keys yet">
      <p>
        Create one and put it into the environment of the program that calls the hub:
        <br />
        <code>export IH_KEY=…</code>
      </p>
    </Empty>
  );
}

/** An empty text takes a parameter out of the address. */
type ChangeSearch = (changed: Partial<Readonly<Record<'q' | 'state' | 'key', string>>>) => void;

function useFilters(): ChangeSearch {
  const navigate = useNavigate();
  return (changed) =>
    void navigate({
      to: '/console/keys',
      search: (shown) => {
        const { q = '', state = '', key = '', ...others } = { ...shown, ...changed };
        return { ...others, ...(q && { q }), ...(state && { state }), ...(key && { key }) };
      },
      replace: true,
    });
}

interface FiltersProps {
  readonly q: string;
  readonly state: string | undefined;
  readonly change: ChangeSearch;
}

function Filters({ q, state, change }: FiltersProps) {
  return (
    <div className="filters" role="search">
      <TextInput
        type="search"
        aria-label="Filter keys"
        placeholder="Filter"
        leftSection={<SearchIcon />}
        value={q}
        onChange={(event) => change({ q: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="State"
        data={[{ value: '', label: 'Every state' }, ...KEY_STATES.map(stateChoice)]}
        value={state ?? ''}
        onChange={(event) => change({ state: event.currentTarget.value })}
      />
    </div>
  );
}

function stateChoice(state: string) {
  return { value: state, label: state.replace(/^./, (first) => first.toUpperCase()) };
}

function matches(key: Key, maker: string, q: string, state: string | undefined): boolean {
  const own = stateOf(key);
  const text = `${key.name} ${key.hint} ${key.app ?? ''} ${maker} ${key.mode} ${own}`.toLowerCase();
  const words = q.toLowerCase().split(/\s+/);
  return (state === undefined || state === own) && words.every((word) => text.includes(word));
}
