// Recorded provider traffic as files: YAML documents of one exchange each. `when` is what a client
// sent, `then` what the provider answered; `expect`, which hand-written files may have, says what
// an answer means, so that the runner's own reader is checked as well.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const headerShape = z
  .array(z.object({ name: z.string(), value: z.string() }))
  .nullish()
  .transform((list) => list ?? []);

const expectShape = z
  .object({
    text: z.string(),
    thinking: z.string(),
    seals: z.array(z.string()),
    calls: z.array(z.object({ id: z.string(), name: z.string(), input: z.unknown() })),
    finish: z.string(),
    tokens: z.record(z.string(), z.number()),
  })
  .partial();

const recordingShape = z.object({
  when: z.object({
    path: z.string(),
    method: z.string(),
    header: headerShape,
    body: z.string().nullish(),
  }),
  // oxlint-disable-next-line unicorn/no-thenable -- the recordings' own key
  then: z.object({
    status: z.number(),
    header: headerShape,
    body: z.string().nullish(),
    body_encoding: z.enum(['base64']).nullish(),
  }),
  expect: expectShape.optional(),
});

export interface Recording {
  readonly method: string;
  readonly path: string;
  /** The request's body as text. */
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: Buffer;
  readonly expected: Readonly<z.infer<typeof expectShape>>;
}

export interface RecordingFile {
  /** Relative to the folder. */
  readonly name: string;
  readonly recordings: readonly Recording[];
  /** Why the file cannot be read, if so. */
  readonly fault?: string;
}

/** Headers that belong to the connection on which the answer was recorded. */
const OF_THE_CONNECTION = new Set(['content-length', 'transfer-encoding', 'connection']);

/** Every YAML file below the folder whose name contains `only`, in the order of names. */
export async function readRecordings(folder: string, only: string): Promise<RecordingFile[]> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => /\.ya?ml$/.test(name) && name.includes(only))
    .toSorted();
  return Promise.all(
    names.map(async (name) => {
      try {
        const text = await readFile(join(folder, name), 'utf8');
        return { name, recordings: parseRecordings(text) };
      } catch (error) {
        return { name, recordings: [], fault: `cannot be read: ${(error as Error).message}` };
      }
    }),
  );
}

function parseRecordings(text: string): Recording[] {
  return [...parseAllDocuments(text)].map((document) => {
    const { when, then, expect = {} } = recordingShape.parse(document.toJS());
    const headers = then.header
      .map(({ name, value }) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !OF_THE_CONNECTION.has(name));
    return {
      method: when.method,
      path: when.path,
      request: when.body ?? '',
      status: then.status,
      headers: Object.fromEntries(headers),
      answer: Buffer.from(then.body ?? '', then.body_encoding ?? 'utf8'),
      expected: expect,
    };
  });
}
