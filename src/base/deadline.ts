// Bounds on waiting. The work itself goes on: what cannot be cancelled (a query that is under way, a
// disk that fails) must at least hold nobody up.

/** Settles as `work` does, or rejects after `ms` with an error that names `what` took too long. */
export function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** Resolves when `work` does, at the latest after `ms`; rejects only as `work` does. */
export async function waitAtMost(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
