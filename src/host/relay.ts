// Carries what one worker tells to all others, and back that they have done it. A worker that ends
// has nothing to do any more, so nobody waits for it.

import type { FromWorker, ToWorker } from './channel.ts';

export interface Member {
  say(message: ToWorker): void;
}

export interface Relay {
  tell(from: Member, told: FromWorker & { kind: 'tell' }, others: readonly Member[]): void;
  done(by: Member, telling: number): void;
  left(member: Member): void;
}

interface Telling {
  readonly from: Member;
  readonly id: number;
  readonly waiting: Set<Member>;
}

export function createRelay(): Relay {
  const tellings = new Map<number, Telling>();
  let lastTelling = 0;

  function finish(telling: number, by: Member): void {
    const known = tellings.get(telling);
    known?.waiting.delete(by);
    if (!known || known.waiting.size > 0) return;
    tellings.delete(telling);
    known.from.say({ kind: 'heard', id: known.id });
  }

  return {
    tell(from, { id, topic, message }, others) {
      if (others.length === 0) return from.say({ kind: 'heard', id });
      const telling = ++lastTelling;
      tellings.set(telling, { from, id, waiting: new Set(others) });
      for (const other of others) other.say({ kind: 'told', telling, topic, message });
    },
    done: (by, telling) => finish(telling, by),
    left(member) {
      for (const [telling, { from }] of tellings) {
        if (from === member) tellings.delete(telling);
        else finish(telling, member);
      }
    },
  };
}
