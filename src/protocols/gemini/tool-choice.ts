// Tool choices of Google's APIs, both ways: a mode, and the names of functions that narrow it.

import type { ToolChoice } from '../../chat/request.ts';
import { invalid } from '../fields.ts';

/** `path`: of the mode. */
export function readMode(
  mode: string | undefined,
  names: readonly string[],
  path: string,
): ToolChoice | undefined {
  const [only] = names;
  switch (mode?.toUpperCase()) {
    case undefined:
    case 'MODE_UNSPECIFIED':
      return undefined;
    case 'NONE':
      return { type: 'none' };
    case 'AUTO':
      return { type: 'auto' };
    case 'VALIDATED':
      return names.length === 0 ? { type: 'auto' } : { type: 'allowed', mode: 'auto', names };
    case 'ANY':
      if (only === undefined) return { type: 'required' };
      if (names.length === 1) return { type: 'tool', name: only };
      return { type: 'allowed', mode: 'required', names };
    default:
      throw invalid(path, `\`${path}\` is not a known mode.`);
  }
}

export interface Mode {
  readonly mode: 'NONE' | 'AUTO' | 'ANY' | 'VALIDATED';
  readonly names?: string[];
}

export function writeMode(choice: ToolChoice): Mode {
  switch (choice.type) {
    case 'none':
      return { mode: 'NONE' };
    case 'auto':
      return { mode: 'AUTO' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', names: [choice.name] };
    case 'allowed': {
      // Names narrow `ANY` and `VALIDATED` alone; the latter leaves the choice to answer in words.
      const mode = choice.mode === 'required' ? 'ANY' : 'VALIDATED';
      return { mode, names: [...choice.names] };
    }
  }
}
