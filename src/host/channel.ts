// What a worker and its supervisor say to each other over the channel between them, and the worker's
// end of it.

import type { Siblings } from '../base/siblings.ts';

/** What a worker says. */
export type FromWorker =
  | { readonly kind: 'serves' }
  | { readonly kind: 'greeted' }
  | {
      readonly kind: 'tell';
      readonly id: number;
      readonly topic: string;
      readonly message?: unknown;
    }
  /** What was told under this number is done. */
  | { readonly kind: 'done'; readonly telling: number };

/** What a supervisor says. */
export type ToWorker =
  /** All workers serve: one of them prints it. */
  | { readonly kind: 'greet' }
  | {
      readonly kind: 'told';
      readonly telling: number;
      readonly topic: string;
      readonly message?: unknown;
    }
  /** All others have done what they were told under this number of the worker's own. */
  | { readonly kind: 'heard'; readonly id: number };

export interface WorkerChannel {
  readonly siblings: Siblings;
  say(message: FromWorker): void;
  onGreet(greet: () => void): void;
}

/** The worker's end; there is a supervisor at the other one. */
export function openWorkerChannel(): WorkerChannel {
  const listeners = new Map<string, (message: unknown) => unknown>();
  const tellings = new Map<number, () => void>();
  let greet = (): void => undefined;
  let lastId = 0;

  // A channel that breaks ends this process; nobody waits for what was not sent.
  const say = (message: FromWorker): void =>
    void process.send?.(message, undefined, undefined, () => undefined);

  async function obey({ telling, topic, message }: ToWorker & { kind: 'told' }): Promise<void> {
    try {
      await listeners.get(topic)?.(message);
    } finally {
      say({ kind: 'done', telling });
    }
  }

  process.on('message', (message: ToWorker) => {
    if (message.kind === 'greet') greet();
    else if (message.kind === 'told') void obey(message);
    else {
      tellings.get(message.id)?.();
      tellings.delete(message.id);
    }
  });
  return {
    say,
    onGreet: (callback) => void (greet = callback),
    siblings: {
      tell(topic, message) {
        const id = ++lastId;
        say({ kind: 'tell', id, topic, message });
        return new Promise((resolve) => void tellings.set(id, resolve));
      },
      on: (topic, listener) => void listeners.set(topic, listener),
    },
  };
}
