// The rules of the code's looks that no linter knows. Each is a row: which files, what must not be
// found in a line or in the whole text, and what is said of it.

import type { Tree } from './tree.ts';

interface Rule {
  readonly name: string;
  readonly files: RegExp;
  readonly except?: RegExp;
  /** The faults of one file, as the end of a sentence; line numbers where they help. */
  readonly judge: (text: string, path: string) => readonly string[];
}

const MAX_LINES = 400;
const MAX_HEADER_LINES = 5;
const SOURCE = /^(src|web)\/.*\.tsx?$/;
const ANY_CODE = /^(src|web|test|bench|scripts|bin)\/.*\.(ts|tsx|mjs)$/;

/** Names that hold anything hold nothing: a type or a helper lives with its owner. */
const DUMPING_GROUNDS = /^(utils?|types|helpers?|interfaces|common|misc)\.tsx?$/;

export const RULES: readonly Rule[] = Object.freeze([
  { name: 'file size', files: ANY_CODE, judge: judgeSize },
  { name: 'header', files: SOURCE, judge: judgeHeader },
  { name: 'file name', files: ANY_CODE, judge: judgeName },
  {
    name: 'default export',
    files: SOURCE,
    except: /\.config\.ts$/,
    judge: forbid(/^\s*export\s+default\b|\bas\s+default\b/),
  },
  {
    name: 'class',
    files: SOURCE,
    judge: forbid(/^\s*(?:export\s+)?(?:abstract\s+)?class\s+\w+(?!.*\bextends\s+\w*Error\b)/),
  },
  {
    name: 'floating money',
    files: /^src\//,
    judge: forbid(/\bparseFloat\b|\.toFixed\(|\.toPrecision\(/),
  },
  {
    name: 'environment',
    files: /^src\//,
    except: /^src\/config\.ts$/,
    judge: forbid(/\bprocess\s*\.\s*env\b|\bprocess\s*\[|\benv\b[^;]*\bfrom 'node:process'/),
  },
  {
    name: 'console output',
    files: /^src\//,
    except: /^src\/(main|cli)\.ts$/,
    judge: forbid(/\bconsole\s*\.(log|error|warn|info|debug)\(/),
  },
]);

/** What the tree does against the rules, one line a fault. */
export function findFaults(tree: Tree, rules: readonly Rule[] = RULES): string[] {
  return rules.flatMap(({ name, files, except, judge }) =>
    [...tree]
      .filter(([path]) => files.test(path) && !except?.test(path))
      .flatMap(([path, text]) => judge(text, path).map((fault) => `${name}: ${path} ${fault}`)),
  );
}

function forbid(pattern: RegExp): (text: string) => string[] {
  return (text) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)
          ? [`line ${index + 1}: ${line.trim()}`]
          : [],
      );
}

function judgeSize(text: string): string[] {
  const lines = text.split('\n').length - 1;
  return lines > MAX_LINES ? [`has ${lines} lines, more than ${MAX_LINES}`] : [];
}

function judgeHeader(text: string): string[] {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  if (end === 0) return ['does not begin with a comment that says what it owns'];
  return end > MAX_HEADER_LINES ? [`has a header of ${end} lines`] : [];
}

function judgeName(_text: string, path: string): string[] {
  const name = path.split('/').at(-1) ?? '';
  if (DUMPING_GROUNDS.test(name)) return ['names no owner'];
  return /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.(ts|tsx|mjs)$/.test(name)
    ? []
    : ['is not kebab-case'];
}
