// The conformance runner itself, over recordings written by hand: it passes what is right, fails
// what is not, and counts what it cannot judge.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const RUNNER = fileURLToPath(new URL('./run.ts', import.meta.url));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-recordings-'));
  await cp(FIXTURES, folder, { recursive: true });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [RUNNER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, lines: output.trimEnd().split('\n') };
}

async function edit(name: string, from: string, to: string): Promise<void> {
  const path = join(folder, name);
  const before = await readFile(path, 'utf8');
  expect(before).toContain(from);
  await writeFile(path, before.replace(from, to));
}

it('passes what arrives as recorded, and names the paths that are not spoken yet', async () => {
  expect(await run('--recordings', folder)).toEqual({
    code: 0,
    lines: [
      '· a-path-of-tomorrow.yaml (/v9/thoughts is not spoken yet)',
      '✓ chat-parallel-calls.yaml (translated without logprobs)',
      '✓ chat-two-choices.yaml (in its own protocol only)',
      '✓ messages-thinking.yaml',
      'not spoken yet: 1 of /v9/thoughts',
      'in its own protocol only: 1',
      '4 files',
      '6 recordings, 5 passed, 0 failed, 1 not spoken yet',
    ],
  });
});

it('fails on a recording whose meaning is another than the one expected', async () => {
  await edit('chat-parallel-calls.yaml', 'input: { city: Genève }', 'input: { city: Geneva }');
  await edit('chat-parallel-calls.yaml', 'outReasoning: 19', 'outReasoning: 20');
  const { code, lines } = await run('--recordings', folder, '--only', 'calls');
  expect(code).toBe(1);
  expect(lines[0]).toMatch(/^✗ chat-parallel-calls.yaml/);
  expect(lines[1]).toMatch(/the recording has calls .*Genève.* instead of .*Geneva/);
  expect(lines[2]).toMatch(/the recording has tokens .*19.* instead of .*20/);
  expect(lines.at(-1)).toBe('1 recordings, 0 passed, 1 failed, 0 not spoken yet');
});

it('fails on usage that the hub does not believe', async () => {
  await edit('messages-thinking.yaml', '"thinking_tokens":31', '"thinking_tokens":38');
  const { code, lines } = await run('--recordings', folder, '--only', 'messages');
  expect(code).toBe(1);
  expect(lines.join('\n')).toMatch(/the receipt has usageSource "unreadable"/);
});

it('fails on a file that is no recording, and on a folder without any', async () => {
  await writeFile(join(folder, 'broken.yaml'), 'when: {path: /v1/messages}\n');
  const broken = await run('--recordings', folder, '--only', 'broken');
  expect(broken.code).toBe(1);
  expect(broken.lines.join('\n')).toContain('broken.yaml\n    cannot be read');
  const empty = await run('--recordings', folder, '--only', 'nothing-of-this-name');
  expect(empty).toEqual({
    code: 1,
    lines: ['0 files', '0 recordings, 0 passed, 0 failed, 0 not spoken yet'],
  });
});
