// The keys as table rows. A row's link opens the key beside the list, so that a key can be reached and
// sent like any page.

import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Key } from '../../../src/console/contract-keys.ts';
import { followRow } from '../../parts/row-keys.ts';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { Moment } from '../../parts/time.tsx';
import { BudgetList } from './budget-list.tsx';
import { limitWords } from './key-limits.ts';
import { KeyState } from './key-state.tsx';
import { Maker } from './maker.tsx';

export interface KeyTableProps {
  /** Undefined while they are on their way. */
  readonly keys: readonly Key[] | undefined;
  readonly openId: string | undefined;
}

export function KeyTable({ keys, openId }: KeyTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Keys of this workspace, live and test</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Mode</th>
          <th scope="col" className="hide-medium">
            Key
          </th>
          <th scope="col">Budget</th>
          <th scope="col" className="hide-narrow">
            Limits
          </th>
          <th scope="col" className="hide-narrow">
            Last used
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      {keys ? (
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} isOpen={key.id === openId} />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={4} columns={7} />
      )}
    </table>
  );
}

function KeyRow({ apiKey, isOpen }: { apiKey: Key; isOpen: boolean }) {
  const { id, name, mode, hint, lastUsedAt, revokedAt } = apiKey;
  return (
    <tr
      className={revokedAt ? 'row-link past' : 'row-link'}
      data-open={isOpen || undefined}
      onClick={followRow}
    >
      <th scope="row" className="cell-name">
        <Link
          to="/console/keys"
          search={(shown) => ({ ...shown, key: id })}
          className="row-anchor row-name"
          data-row={id}
          aria-current={isOpen}
          preload={false}
        >
          {name}
        </Link>
        <span className="dimmed cell-note">
          <Maker apiKey={apiKey} />
        </span>
      </th>
      <td>
        <Badge variant={mode === 'live' ? 'light' : 'default'} size="sm" className="whole">
          {mode === 'live' ? 'Live' : 'Test'}
        </Badge>
      </td>
      <td className="mono hide-medium whole">{hint}</td>
      <td>{revokedAt ? '' : <BudgetList budgets={apiKey.budgets} />}</td>
      <td className="hide-narrow">
        <LimitsInShort apiKey={apiKey} />
      </td>
      <td className="hide-narrow whole">{lastUsedAt ? <Moment iso={lastUsedAt} /> : 'Never'}</td>
      <td>
        <KeyState apiKey={apiKey} />
      </td>
    </tr>
  );
}

function LimitsInShort({ apiKey }: { apiKey: Key }) {
  const words = limitWords(apiKey);
  if (words.length === 0) return <span className="dimmed">None</span>;
  return (
    <ul className="limits">
      {words.map((word) => (
        <li key={word}>{word}</li>
      ))}
    </ul>
  );
}
