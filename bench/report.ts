// What a run found, as plain data: it is written to a file, and all tables and pictures are made of
// it.

export interface SubjectReport {
  readonly name: string;
  readonly variant: string;
  readonly settings: string;
  readonly version: string;
  /** Why it could not be started. */
  readonly missing?: string;
}

/** Numbers are one a round. */
export interface CostReport {
  readonly cell: string;
  readonly subject: string;
  readonly micros: readonly number[];
  /** By process tree, of the last round. */
  readonly byTree: Readonly<Record<string, number>>;
  readonly perSecond: readonly number[];
  readonly p50Micros: readonly number[];
  readonly p99Micros: readonly number[];
  /** Why there are no numbers, or fewer. */
  readonly failed?: string;
}

export interface LatencyReport {
  readonly subject: string;
  /** Beyond what the same requests took without a subject between, in the same round. */
  readonly addedP50Micros: readonly number[];
  readonly addedP99Micros: readonly number[];
  readonly failed?: string;
}

export interface MemoryReport {
  readonly subject: string;
  readonly idleBytes: readonly number[];
  readonly streamBytes: Readonly<Record<'to100' | 'to500', readonly number[]>>;
  readonly failed?: string;
}

export interface ColdStartReport {
  readonly subject: string;
  readonly millis: readonly number[];
  readonly failed?: string;
}

export interface Surroundings {
  readonly date: string;
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** Processes that wanted a core, of the minute before and of the minute after the run. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

export interface Report {
  readonly surroundings: Surroundings;
  readonly subjects: readonly SubjectReport[];
  readonly costs: readonly CostReport[];
  readonly latencies: readonly LatencyReport[];
  readonly memories: readonly MemoryReport[];
  readonly coldStarts: readonly ColdStartReport[];
}
