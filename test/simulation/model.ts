// What must be true, kept apart from the code that is judged: plain sums of what happened, per
// customer and per window of a budget. A broken rule throws at once, with the rule's name.

export interface Charge {
  readonly requestId: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly allowances: readonly string[];
  readonly chargeNanos: bigint;
  readonly quarantined: boolean;
}

export interface OpenHold {
  readonly workspaceId: string;
  readonly runId: string;
  readonly allowances: readonly string[];
  readonly amountNanos: bigint;
}

export interface Model {
  fund(workspaceId: string, amountNanos: bigint): void;
  /** The most that was ever allowed in a window. */
  allow(purseId: string, limitNanos: bigint): void;
  hold(hold: OpenHold): void;
  /** The hold is over, its record is written or lost with its node. */
  drop(hold: OpenHold): void;
  /** A record that will be booked. */
  charge(charge: Charge): void;
  /** A record that was lost with its node before any client could have seen the answer's end. */
  lose(charge: Charge): void;
  booked(charges: readonly Charge[]): void;
  /** The database has ended a run; `isDead`: by others, who cannot know what it has spent. */
  ended(runId: string, isDead: boolean): void;
  freeNanos(workspaceId: string): bigint;
  /** Booked charges that nobody has decided about yet, the newest thousand. */
  recent(): readonly Charge[];
  /** A charge has been decided about. */
  forget(requestId: string): void;
  /** Everything that must be in the books in the end, by request. */
  readonly charges: ReadonlyMap<string, Charge>;
  /** Charges whose money had gone back before they were booked. */
  readonly late: ReadonlySet<string>;
  fundedNanos(workspaceId: string): bigint;
  paidNanos(workspaceId: string): bigint;
}

const RECENT = 1_000;

export function createModel(): Model {
  const funds = new Map<string, bigint>();
  const limits = new Map<string, bigint>();
  /** Held and charged, by workspace and by window. */
  const committed = new Map<string, bigint>();
  const holds = new Set<OpenHold>();
  const charges = new Map<string, Charge>();
  const unbooked = new Map<string, Charge>();
  const late = new Set<string>();
  let newest: Charge[] = [];
  const dead = new Set<string>();

  function commit(workspaceId: string, allowances: readonly string[], amountNanos: bigint): void {
    for (const name of [workspaceId, ...allowances]) add(committed, name, amountNanos);
  }

  function requireCovered(workspaceId: string, allowances: readonly string[]): void {
    require(get(committed, workspaceId) <= get(funds, workspaceId), 'nobody is overdrawn');
    for (const purseId of allowances) {
      require(get(committed, purseId) <= get(limits, purseId), 'no budget is overdrawn');
    }
  }

  return {
    charges,
    late,
    fund: (workspaceId, amountNanos) => add(funds, workspaceId, amountNanos),
    allow(purseId, limitNanos) {
      if (limitNanos > get(limits, purseId)) limits.set(purseId, limitNanos);
    },
    hold(hold) {
      require(!dead.has(hold.runId), 'a run that was given up holds nothing new');
      holds.add(hold);
      commit(hold.workspaceId, hold.allowances, hold.amountNanos);
      requireCovered(hold.workspaceId, hold.allowances);
    },
    drop(hold) {
      require(holds.delete(hold) || dead.has(hold.runId), 'a hold ends once');
      if (!dead.has(hold.runId)) commit(hold.workspaceId, hold.allowances, -hold.amountNanos);
    },
    charge(charge) {
      require(!charges.has(charge.requestId), 'a request is charged once');
      charges.set(charge.requestId, charge);
      unbooked.set(charge.requestId, charge);
      if (dead.has(charge.runId)) late.add(charge.requestId);
      else commit(charge.workspaceId, charge.allowances, charge.chargeNanos);
    },
    lose(charge) {
      charges.delete(charge.requestId);
      unbooked.delete(charge.requestId);
      if (late.delete(charge.requestId) || dead.has(charge.runId)) return;
      commit(charge.workspaceId, charge.allowances, -charge.chargeNanos);
    },
    booked(batch) {
      for (const { requestId } of batch) unbooked.delete(requestId);
      newest = [...newest, ...batch].slice(-RECENT);
    },
    recent: () => newest,
    forget(requestId) {
      newest = newest.filter((charge) => charge.requestId !== requestId);
    },
    ended(runId, isDead) {
      for (const charge of unbooked.values()) {
        if (charge.runId !== runId || charge.chargeNanos === 0n) continue;
        require(isDead, 'a node ends its own run when all of it is booked');
        late.add(charge.requestId);
        commit(charge.workspaceId, charge.allowances, -charge.chargeNanos);
      }
      for (const hold of holds) {
        if (hold.runId !== runId) continue;
        require(isDead, 'a node ends its own run when nothing runs in it');
        commit(hold.workspaceId, hold.allowances, -hold.amountNanos);
        holds.delete(hold);
      }
      dead.add(runId);
    },
    freeNanos: (workspaceId) => get(funds, workspaceId) - get(committed, workspaceId),
    fundedNanos: (workspaceId) => get(funds, workspaceId),
    paidNanos(workspaceId) {
      let paid = 0n;
      for (const charge of charges.values()) {
        if (charge.workspaceId === workspaceId && !late.has(charge.requestId)) {
          paid += charge.chargeNanos;
        }
      }
      return paid;
    },
  };
}

export function require(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`Broken: ${rule}`);
}

function get(sums: ReadonlyMap<string, bigint>, name: string): bigint {
  return sums.get(name) ?? 0n;
}

function add(sums: Map<string, bigint>, name: string, amountNanos: bigint): void {
  sums.set(name, get(sums, name) + amountNanos);
}
