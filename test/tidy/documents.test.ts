// Holds the documents to what exists, and shows that a dead link and a stale setting are seen.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/config.ts';
import { compareSettings, findDeadLinks } from './documents.ts';
import { ROOT, readTree, select } from './tree.ts';

const CONFIGURATION = join(ROOT, 'docs', 'configuration.md');
const exists = (path: string): boolean => existsSync(join(ROOT, path));

describe('the documents', () => {
  it('link only to what exists', () => {
    const documents = select(readTree(), /\.md$/);
    expect(documents.size).toBeGreaterThan(0);
    const dead = [...documents].flatMap(([path, text]) => findDeadLinks(path, text, exists));
    expect(dead).toEqual([]);
  });

  it('describe every setting as the code does', () => {
    expect(compareSettings(SETTINGS, readFileSync(CONFIGURATION, 'utf8'))).toEqual([]);
  });
});

describe('the checker of links', () => {
  const find = (text: string): string[] =>
    findDeadLinks('docs/a.md', text, (path) => path === 'docs/b.md' || path === 'LICENSE');

  it('follows links from the folder of the document', () => {
    expect(find('[b](b.md) [b](./b.md#part) [license](../LICENSE)')).toEqual([]);
    expect(find('[gone](gone.md)')).toHaveLength(1);
    expect(find('[b]: ../b.md')).toHaveLength(1);
  });

  it('leaves out addresses, anchors and code', () => {
    expect(find('[a](https://host.example/) [b](#part) `[c](gone.md)`')).toEqual([]);
    expect(find('```\n[c](gone.md)\n```')).toEqual([]);
  });
});

describe('the checker of settings', () => {
  const settings = [{ name: 'PORT', defaultText: '3000', about: 'The port.' }];

  it('sees a missing row, other words, another default and a row too many', () => {
    expect(compareSettings(settings, '| `PORT` | `3000` | The port. |')).toEqual([]);
    for (const document of [
      '',
      '| `PORT` | `3000` | The door. |',
      '| `PORT` | `80` | The port. |',
      '| `PORT` | `3000` | The port. |\n| `HOST` | | The host. |',
    ]) {
      expect(compareSettings(settings, document), document).toHaveLength(1);
    }
  });
});
