// Tells open pages that something of their workspace has changed, so that they ask again. A change
// is a hint without content; whoever misses one sees it at the next look.

export type What = 'activity' | 'keys' | 'members' | 'balance';

export interface Changes {
  /** Tells everybody who listens to this workspace. */
  notify(workspaceId: string, what: What): void;
  /** Listens until the returned function is called. */
  onChange(workspaceId: string, listener: (what: What) => void): () => void;
}

export function createChanges(): Changes {
  const listeners = new Map<string, Set<(what: What) => void>>();
  return {
    notify(workspaceId, what) {
      for (const listener of listeners.get(workspaceId) ?? []) listener(what);
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
