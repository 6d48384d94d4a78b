// Holds the walls between the rooms, and shows that each checker sees what it is there to see.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTree, ROOT, type Tree } from './tree.ts';
import { findBreaches, findCircles, findImports, WALLS } from './walls.ts';

/** What fits on one printed page. */
const PAGE_LINES = 60;

const tree = new Map([...readTree('src'), ...readTree('web')]);
const file = (path: string, text: string): Tree => new Map([[path, text]]);

describe('walls', () => {
  it('stand: every import of the house is in the table', () => {
    expect(findImports(tree).length).toBeGreaterThan(0);
    expect(findBreaches(tree)).toEqual([]);
  });

  it('are free of import circles', () => {
    expect(findCircles(tree)).toEqual([]);
  });

  it('are the ones that ARCHITECTURE.md tells of', () => {
    const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const told = [...page.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, room]) => room);
    const rooms = Object.keys(WALLS).filter((room) => !room.includes('.'));
    expect(told).toHaveLength(rooms.length);
    expect(new Set(told)).toEqual(new Set(rooms));
    expect(page.split('\n').length).toBeLessThanOrEqual(PAGE_LINES);
  });
});

describe('the checker of walls', () => {
  it('sees an import that goes upwards', () => {
    const planted = file('src/base/a.ts', "import { book } from '../ledger/book.ts';");
    expect(findBreaches(planted)).toHaveLength(1);
  });

  it('sees an import that spans lines, a re-export and a dynamic import', () => {
    const forms = [
      "import {\n  book,\n} from '../ledger/book.ts';",
      "export { book } from '../ledger/book.ts';",
      "const book = await import('../ledger/book.ts');",
      "import '../ledger/book.ts';",
    ];
    for (const form of forms) {
      expect(findBreaches(file('src/chat/a.ts', form)), form).toHaveLength(1);
    }
  });

  it('lets types through where the table says so, and values not', () => {
    const from = "{ protocol } from '../protocols/protocol.ts';";
    expect(findBreaches(file('src/providers/a.ts', `import type ${from}`))).toEqual([]);
    expect(findBreaches(file('src/providers/a.ts', `import ${from}`))).toHaveLength(1);
  });

  it('sees a room that the table does not know', () => {
    expect(findBreaches(file('src/attic/a.ts', ''))).toEqual([
      'src/attic is not in the table of walls',
    ]);
  });

  it('keeps the pages to the types of the contract', () => {
    const at = (text: string): string[] => findBreaches(file('web/pages/a.tsx', text));
    expect(at("import type { Me } from '../../src/console/contract.ts';")).toEqual([]);
    expect(at("import { Me } from '../../src/console/contract.ts';")).toHaveLength(1);
    expect(at("import type { Nanos } from '../../src/base/money.ts';")).toHaveLength(1);
  });

  it('sees a circle of three files', () => {
    const planted = new Map([
      ['src/base/a.ts', "import { b } from './b.ts';"],
      ['src/base/b.ts', "import type { c } from './c.ts';"],
      ['src/base/c.ts', "import { a } from './a.ts';"],
    ]);
    expect(findCircles(planted)).toEqual([
      'src/base/a.ts → src/base/b.ts → src/base/c.ts → src/base/a.ts',
    ]);
  });
});
