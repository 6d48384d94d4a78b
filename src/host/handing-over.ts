// node:cluster hands one connection at a time to a worker, and waits for its word that it has it. Of a
// worker that dies before it gives its word the connection is forgotten, open: its client would wait
// for ever. This remembers it, and closes it when the worker ends. Tested; where a later node speaks
// otherwise to its workers, nothing but this is lost.

import type { Worker } from 'node:cluster';

interface Handle {
  /** Harmless where it is closed already. */
  close(): void;
}

/** Follows what is handed to this worker, from its fork on. */
export function watchHandingOver(worker: Worker): void {
  const { process: child } = worker;
  const send = child.send.bind(child) as (...of: unknown[]) => boolean;
  let underWay: Handle | undefined;
  child.send = (...of: unknown[]): boolean => {
    if (isHandle(of[1])) underWay = of[1];
    return send(...of);
  };
  child.on('internalMessage', (message: { readonly ack?: number }) => {
    if (message.ack !== undefined) underWay = undefined;
  });
  child.once('exit', () => underWay?.close());
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'close' in value;
}
