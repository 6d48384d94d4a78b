// How the launchers speak: one line per slow step, one sentence per failure, all on stderr, so that
// stdout belongs to the program that is launched.

/** A failure that the person at the keyboard can act on; `detail` is the failing tool's output. */
export class LaunchError extends Error {
  constructor(sentence, detail = '') {
    super(sentence);
    this.detail = detail;
  }
}

/** Runs `work` under one line that says what happens and, in the end, how long it took. */
export async function step(label, work) {
  const startedMs = performance.now();
  process.stderr.write(`${label} … `);
  try {
    const result = await work();
    process.stderr.write(`${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs a launcher: a LaunchError becomes its sentence and exit code 1, anything else is a bug. */
export async function launch(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    if (error.detail.trim() !== '') say(error.detail.trimEnd());
    say(error.message);
    process.exitCode = 1;
  }
}
