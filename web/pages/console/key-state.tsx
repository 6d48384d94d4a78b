// Whether a key works, in words: the four states of a key, and what of it ends by itself.

import type { Key } from '../../../src/console/contract-keys.ts';
import { ComingMoment, Moment } from '../../parts/time.tsx';

export const KEY_STATES = ['active', 'disabled', 'expired', 'revoked'] as const;
type KeyStateName = (typeof KEY_STATES)[number];

export function stateOf(key: Key): KeyStateName {
  if (key.revokedAt !== null) return 'revoked';
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now()) return 'expired';
  return key.disabledAt === null ? 'active' : 'disabled';
}

export function KeyState({ apiKey }: { apiKey: Key }) {
  const { revokedAt, expiresAt } = apiKey;
  const state = stateOf(apiKey);
  if (revokedAt !== null) {
    return (
      <>
        Revoked <Moment iso={revokedAt} />
      </>
    );
  }
  if (state === 'expired' && expiresAt !== null) {
    return (
      <span className="status status-bad">
        Expired <Moment iso={expiresAt} />
      </span>
    );
  }
  return (
    <>
      {state === 'active' ? (
        <span className="status status-good">Active</span>
      ) : (
        <span className="status status-warn">Disabled</span>
      )}
      <Endings apiKey={apiKey} />
    </>
  );
}

function Endings({ apiKey: { expiresAt, previousUntil } }: { apiKey: Key }) {
  const isRotating = previousUntil !== null && Date.parse(previousUntil) > Date.now();
  return (
    <>
      {expiresAt !== null && (
        <span className="dimmed key-ending">
          expires <ComingMoment iso={expiresAt} />
        </span>
      )}
      {isRotating && (
        <span className="dimmed key-ending">
          old secret ends <ComingMoment iso={previousUntil} />
        </span>
      )}
    </>
  );
}
