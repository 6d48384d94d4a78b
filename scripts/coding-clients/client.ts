// What a coding client is to this program: a package at one version, how a user points it at a hub, and
// the calls of its own tools that make up the task.

import type { ProtocolId } from '../../src/protocols/protocol.ts';

export interface CodingClient {
  /** As `--only` names it. */
  readonly id: string;
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** The program's name in node_modules/.bin. */
  readonly program: string;
  /** What it speaks to a hub. */
  readonly protocol: ProtocolId;
  readonly pointAt: (hub: HubPlace) => Pointed | Promise<Pointed>;
  /** What the model is ordered to do, a line a call. */
  readonly orders: (task: Task) => readonly string[];
}

export interface HubPlace {
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

/** What a user sets, and how it is run without one. */
export interface Pointed {
  /** By their paths in the home folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** The prompt comes on standard input. */
  readonly args: readonly string[];
}

/** Read the note, write the report, copy the note. All in the folder where the client works. */
export interface Task {
  readonly notePath: string;
  readonly reportPath: string;
  /** One line, without its end. */
  readonly reportText: string;
  /** A shell command, run in that folder. */
  readonly copyCommand: string;
}

/** docs/sandbox.md */
export function order(tool: string, args: Readonly<Record<string, string>>): string {
  return `call ${tool} ${JSON.stringify(args)}`;
}
