// Child processes, two ways: a tool whose output matters only if it fails, and the program that the
// launcher stands in for. Both get the signals that the launcher gets, so that none is orphaned.

import { spawn } from 'node:child_process';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * npm runs a script through a shell and passes a signal on to that shell alone, which dies of it
 * without a word to us. So the end of the shell is taken for the signal.
 */
const PARENT = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid;
const PARENT_CHECK_MS = 200;

/** npm goes on for many seconds after SIGTERM; a tool, unlike the hub, has nothing to put in order. */
const TOOL_GRACE_MS = 1_000;

/**
 * Runs a tool and keeps its output. Resolves to { code, signal, output }; a program that cannot be
 * started resolves with code 127 and the reason as its output. A signal that comes meanwhile ends
 * the tool, and then this process: the steps after it are not wanted any more.
 */
export async function runTool(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  const end = await waitForEnd(child, TOOL_GRACE_MS);
  if (end.interruptedBy) process.kill(process.pid, end.interruptedBy);
  const output = Buffer.concat(chunks).toString('utf8');
  return { ...end, output: end.reason ? `${output}${end.reason}\n` : output };
}

/**
 * Runs a program on this process's own streams. Resolves to { code, signal, interruptedBy }, the
 * last being the signal that this process got and passed on, if any.
 */
export function runProgram(command, args, options = {}) {
  const stdio = ['inherit', 'inherit', 'inherit', ...(options.channel ? ['ipc'] : [])];
  return waitForEnd(spawn(command, args, { env: options.env, cwd: options.cwd, stdio }));
}

/** Ends this process as its child ended: same exit code, or the same signal. */
export function endLike({ code, signal, reason }) {
  if (reason) process.stderr.write(`${reason}\n`);
  if (signal) process.kill(process.pid, signal);
  else process.exit(code);
}

function waitForEnd(child, graceMs) {
  let interruptedBy;
  const forward = (signal) => {
    interruptedBy = signal;
    child.kill(signal);
    if (graceMs !== undefined) setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  const watch = setInterval(() => {
    if (PARENT === undefined || process.ppid === PARENT) return;
    clearInterval(watch);
    forward('SIGTERM');
  }, PARENT_CHECK_MS);
  return new Promise((resolve) => {
    const settle = (end) => {
      clearInterval(watch);
      for (const signal of FORWARDED) process.removeListener(signal, forward);
      resolve({ ...end, interruptedBy });
    };
    child.once('error', (error) => {
      // A signal that could not be delivered is an error event too, but the child goes on.
      if (child.pid === undefined) settle({ code: 127, signal: null, reason: error.message });
    });
    child.once('close', (code, signal) => settle({ code: code ?? 1, signal }));
  });
}
