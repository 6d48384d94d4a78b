// The conformance runner itself, over recordings written by hand: it passes what is right, fails
// what is not, and names what it cannot judge.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScore } from './score.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const RUNNER = fileURLToPath(new URL('./run.ts', import.meta.url));
/** Two hubs are started for it. */
const RUN_MS = 90_000;

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'hub-recordings-')), 'fixtures');
  await cp(FIXTURES, folder, { recursive: true });
});

afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [RUNNER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  const lines = output
    .trimEnd()
    .replace(/ in [\d.]+ s$/m, '')
    .split('\n');
  return { code, lines };
}

/** A copy of a fixture that is wrong in some places. */
async function spoil(from: string, to: string, edits: readonly [string, string][]): Promise<void> {
  let recording = await readFile(join(folder, from), 'utf8');
  for (const [right, wrong] of edits) {
    expect(recording).toContain(right);
    recording = recording.replace(right, wrong);
  }
  await writeFile(join(folder, to), recording);
}

it(
  'passes what arrives as recorded, fails what does not, and names what is not asked',
  async () => {
    await spoil('messages-thinking.yaml', 'wrong.yaml', [
      ['input: { primes: [2, 3', 'input: { primes: [1, 3'],
      ['"thinking_tokens":31', '"thinking_tokens":38'],
    ]);
    const { code, lines } = await run('--recordings', folder, '--single-cuts', '7');
    expect(code).toBe(1);
    const kept = 'previous_interaction_id';
    const clients = ['Chat', 'Responses', 'Messages', 'Gemini', 'Interactions'];
    const alone = clients.map((client) => `${client} without ${kept}`).join('; ');
    const unsure = ['Messages without logprobs', 'Interactions without logprobs'];
    const last = `not in Completions: ${kept}`;
    const faults = lines.filter((line) => line.startsWith('    ')).join('\n');
    expect(faults).toMatch(/recording 1: the recording has calls .*\[2,.* instead of .*\[1,/);
    expect(faults).toMatch(/recording 1: the recording has tokens .*38.* instead of .*31/);
    expect(faults).toMatch(/Chat client, uncut: the receipt has usageSource "unreadable"/);
    expect(lines.filter((line) => !line.startsWith('    '))).toEqual([
      '· a-path-of-tomorrow.yaml (/v9/thoughts is not spoken)',
      '✓ bedrock/frames.yaml (not in Completions: tools)',
      `✓ chat-parallel-calls.yaml (${unsure.join('; ')}; not in Completions: tools)`,
      '✓ chat-two-choices.yaml (not in Responses: n; not in Messages: n; not in Interactions: n)',
      '✓ cohere/plan-and-call.yaml (not in Completions: tools)',
      `✓ gemini/interactions-steps.yaml (not in Completions: tools; ${alone}; ${last})`,
      '✓ gemini/thoughts-and-calls.yaml (not in Completions: tools)',
      '✓ messages-thinking.yaml (Responses without stop_sequences; not in Completions: tools)',
      '✓ mistral/content-in-parts.yaml (not in Completions: tools)',
      '✓ ollama/calls-without-ids.yaml (not in Completions: tools)',
      '✓ openai/responses-reasoning.yaml (not in Completions: tools)',
      '✗ wrong.yaml (Responses without stop_sequences; not in Completions: tools)',
      '| recordings of | exchanges | passed | Chat | Responses | Messages | Gemini | Interactions | Completions |',
      '|---|---|---|---|---|---|---|---|---|',
      '| bedrock, bedrock-converse | 2 | 2 | 2 | 2 | 2 | 2 | 2 | 1 |',
      '| fixtures, openai-chat | 2 | 2 | 2 = | 1 | 1 | 2 | 1 | 1 |',
      '| cohere, cohere-chat | 1 | 1 | 1 | 1 | 1 | 1 | 1 | – |',
      '| gemini, gemini-interactions | 2 | 2 | 2 | 2 | 2 | 2 | 2 = | – |',
      '| gemini, gemini | 2 | 2 | 2 | 2 | 2 | 2 = | 2 | 1 |',
      '| fixtures, anthropic-messages | 6 | 5 | 6 | 6 | 6 = | 6 | 6 | 4 |',
      '| mistral, openai-chat | 1 | 1 | 1 = | 1 | 1 | 1 | 1 | – |',
      '| ollama, ollama-chat | 1 | 1 | 1 | 1 | 1 | 1 | 1 | – |',
      '| openai, openai-responses | 3 | 3 | 3 | 3 = | 3 | 3 | 3 | 2 |',
      'not spoken: 1 of /v9/thoughts',
      '12 files',
      '21 recordings, 19 passed, 1 failed, 1 not spoken',
    ]);
  },
  RUN_MS,
);

it('is good where something passed and nothing failed, whatever is not spoken', () => {
  const score = openScore();
  score.unspoken('/v9/thoughts');
  expect(score.isGood()).toBe(false);
  score.judged('one', { faults: [], notes: [], ways: new Map() });
  expect(score.isGood()).toBe(true);
  score.judged('other', { faults: ['text is missing'], notes: [], ways: new Map() });
  expect(score.isGood()).toBe(false);
});

it('fails on a file that is no recording, and on a folder without any', async () => {
  await writeFile(join(folder, 'broken.yaml'), 'when: {path: /v1/messages}\n');
  const broken = await run('--recordings', folder, '--only', 'broken');
  expect(broken.code).toBe(1);
  expect(broken.lines.join('\n')).toContain('broken.yaml\n    cannot be read');
  const empty = await run('--recordings', folder, '--only', 'nothing-of-this-name');
  expect(empty).toEqual({
    code: 1,
    lines: ['0 files', '0 recordings, 0 passed, 0 failed, 0 not spoken'],
  });
});
