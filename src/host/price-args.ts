// What the commands about prices share: their way to the hub, files of JSON, and the error of a command
// that was wrongly used.

import { readFile } from 'node:fs/promises';
import { parseJson } from '../base/json.ts';
import type { PriceCommands } from './price-commands.ts';

/** The command was wrongly used; the caller says so in its own way. */
export class PriceUsageError extends Error {}

/** A way to the hub, running or not. */
export type Reach = <T>(work: (commands: PriceCommands) => Promise<T>) => Promise<T>;

export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`The file ${path} cannot be read.`, { cause });
  });
  const value = parseJson(text);
  if (value === undefined) throw new Error(`The file ${path} is not valid JSON.`);
  return value;
}
