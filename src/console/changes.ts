// Tells open pages that something of their workspace has changed, so that they ask again. A change
// is a hint without content; whoever misses one sees it at the next look. A page hangs on one process
// of the hub, what it shows may change in any: so each tells the others.

import { NO_SIBLINGS, type Siblings } from '../base/siblings.ts';

export type What = 'activity' | 'keys' | 'credentials' | 'members' | 'balance';

export interface Changes {
  /** Tells everybody who listens to this workspace. */
  notify(workspaceId: string, what: What): void;
  /** Listens until the returned function is called. */
  onChange(workspaceId: string, listener: (what: What) => void): () => void;
}

const CHANGED = 'console.changed';

export function createChanges(siblings: Siblings = NO_SIBLINGS): Changes {
  const listeners = new Map<string, Set<(what: What) => void>>();

  function notifyHere([workspaceId, what]: readonly [string, What]): void {
    for (const listener of listeners.get(workspaceId) ?? []) listener(what);
  }

  siblings.on(CHANGED, (change) => notifyHere(change as [string, What]));
  return {
    notify(workspaceId, what) {
      notifyHere([workspaceId, what]);
      void siblings.tell(CHANGED, [workspaceId, what]);
    },
    onChange(workspaceId, listener) {
      const known = listeners.get(workspaceId) ?? new Set();
      listeners.set(workspaceId, known.add(listener));
      return () => {
        known.delete(listener);
        if (known.size === 0 && listeners.get(workspaceId) === known) listeners.delete(workspaceId);
      };
    },
  };
}
