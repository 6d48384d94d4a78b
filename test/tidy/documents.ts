// The rules of the documents: what they link to exists, and the list of settings is the code's.

import { dirname, join } from 'node:path/posix';

interface Setting {
  readonly name: string;
  readonly defaultText: string;
  readonly about: string;
}

/** Relative links of a Markdown file that lead nowhere; `exists` is asked for paths from the root. */
export function findDeadLinks(
  path: string,
  text: string,
  exists: (path: string) => boolean,
): string[] {
  const prose = text.replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((target) => !/^([a-z][a-z0-9+.-]*:|#|\/\/)/i.test(target))
    .filter((target) => {
      const file = decodeURI(target.replace(/[#?].*$/, ''));
      return !exists(file.startsWith('/') ? file.slice(1) : join(dirname(path), file));
    })
    .map((target) => `${path} links to ${target}, which does not exist`);
}

/** Where the document of the settings and the code's table disagree, both ways. */
export function compareSettings(settings: readonly Setting[], document: string): string[] {
  const rows = new Map(
    document.split('\n').flatMap((line): [string, string][] => {
      const name = /^\|\s*`([A-Z][A-Z0-9_]*)`\s*\|/.exec(line)?.[1];
      return name === undefined ? [] : [[name, line]];
    }),
  );
  const faults = settings.flatMap(({ name, defaultText, about }) => {
    const row = rows.get(name);
    if (row === undefined) return [`${name} is not in the document`];
    if (!row.includes(about)) return [`${name} is described in other words than in the code`];
    const stated = defaultText === '' || row.includes(`\`${defaultText}\``);
    return stated ? [] : [`${name} has another default than in the code`];
  });
  const known = new Set(settings.map(({ name }) => name));
  const unknown = [...rows.keys()].filter((name) => !known.has(name));
  return [...faults, ...unknown.map((name) => `${name} is in the document only`)];
}
