// What is measured: a program that stands between the load and the upstream. Each subject knows how
// it is started and what is switched on in it; everything else about a measurement is the same for
// all.

/** Where and against what a subject runs. */
export interface Place {
  /** Its own empty folder. */
  readonly folder: string;
  /** The core to which the whole of its process tree is bound; undefined binds it to none. */
  readonly core: number | undefined;
  /** The port of 127.0.0.1 on which it listens. */
  readonly port: number;
  /** `http://127.0.0.1:…` or `https://localhost:…`, without a path. */
  readonly upstreamUrl: string;
  /** The certificate of an https upstream, as a file. */
  readonly caFile: string | undefined;
}

export interface Running {
  /** As the program itself says it. */
  readonly version: string;
  /** Where requests of each protocol go; undefined where it does not speak that. */
  readonly chatPath: string;
  readonly messagesPath: string | undefined;
  /** Headers that every request carries, as lines. */
  readonly headers: readonly string[];
  /** The model to ask for. */
  readonly model: string;
  /** A model whose provider speaks the Messages protocol; absent where there is none. */
  readonly messagesModel?: string;
  /** False for a proxy that passes on whatever comes; true unless given. */
  readonly translates?: boolean;
  /** The roots of its process trees: itself, and a database if it has one. */
  readonly pids: readonly number[];
  /**
   * Resolves once all that was answered is booked, where that comes later; absent otherwise.
   * `answered` counts its answers with status 200 since `start` resolved.
   */
  settled?(answered: number): Promise<void>;
  /** Ends the program (not its database) and spawns it anew; resolves at once. */
  restart?(): Promise<void>;
  stop(): Promise<void>;
}

export interface Subject {
  readonly name: string;
  /** `plain`, `fastest`, `everything on`, … */
  readonly variant: string;
  /** What is on and what is off; it stands beside the figures. */
  readonly settings: string;
  /** Resolves when it answers. Throws with the reason when it cannot be had on this machine. */
  start(place: Place): Promise<Running>;
}
