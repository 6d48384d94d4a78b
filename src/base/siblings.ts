// How the processes of one hub tell each other what no database knows. A hub of one process has
// nobody to tell.

export interface Siblings {
  /** Tells all others; resolves once each that lives has done what it does about it. Never rejects. */
  tell(topic: string, message?: unknown): Promise<void>;
  /** What this process does when it is told; one listener a topic. */
  on(topic: string, listener: (message: unknown) => unknown): void;
}

export const NO_SIBLINGS: Siblings = Object.freeze({
  tell: () => Promise.resolve(),
  on: () => undefined,
});
