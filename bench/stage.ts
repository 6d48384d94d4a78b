// Subjects that run side by side before one upstream. One that cannot be started is noted with its
// reason and left out; what fails later costs it the one column.

import { join } from 'node:path';
import { LOAD_CORE, SUBJECT_CORE } from './machine.ts';
import { type Measured, startMeasured } from './measured.ts';
import type { SubjectReport } from './report.ts';
import type { Subject } from './subject.ts';
import { type Transport, type Upstream, startUpstream } from './upstreams.ts';

export interface Stage extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly measured: readonly Measured[];
  readonly subjects: readonly SubjectReport[];
}

export async function openStage(
  transport: Transport,
  subjects: readonly Subject[],
  folder: string,
): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const front = join(folder, `upstream-${transport}`);
  const upstream = opened.adopt(await startUpstream(transport, front, LOAD_CORE), (open) =>
    open.stop(),
  );
  const measured: Measured[] = [];
  const reports: SubjectReport[] = [];
  for (const subject of subjects) {
    const { name, variant, settings } = subject;
    say(`${name} is started (${transport})`);
    try {
      const each = opened.adopt(
        await startMeasured(subject, upstream, folder, SUBJECT_CORE),
        (open) => open.stop(),
      );
      measured.push(each);
      reports.push({ name, variant, settings, version: each.running.version });
    } catch (error) {
      const missing = reasonOf(error);
      say(`  ${missing}`);
      reports.push({ name, variant, settings, version: '', missing });
    }
  }
  const stack = opened.move();
  return {
    upstream,
    measured,
    subjects: reports,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 400) : String(error);
}

/** Progress goes to stderr: stdout is the tables. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
