// Holds package.json and the lock file to their rules, and shows that each breach is seen.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPackageFaults } from './packages.ts';
import { ROOT } from './tree.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

const manifest = { dependencies: { zod: '4.6.7' } };
const lock = {
  packages: {
    '': { dependencies: { zod: '4.6.7' } },
    'node_modules/zod': { version: '4.6.7' },
  },
};

describe('the packages', () => {
  it('have exact versions, in step with the lock file, without download addresses', () => {
    expect(findPackageFaults(read('package.json'), read('package-lock.json'))).toEqual([]);
  });
});

describe('the checker of packages', () => {
  it('is content with a manifest and a lock file in step', () => {
    expect(findPackageFaults(manifest, lock)).toEqual([]);
  });

  it('sees a version range', () => {
    const ranged = { dependencies: { zod: '^4.6.7' } };
    const faults = findPackageFaults(ranged, {
      packages: { ...lock.packages, '': ranged },
    });
    expect(faults).toEqual(['zod has no exact version: ^4.6.7']);
  });

  it('sees a lock file that is behind', () => {
    const newer = { dependencies: { zod: '4.7.0' } };
    expect(findPackageFaults(newer, lock)).toHaveLength(2);
  });

  it('sees a package that left the manifest but not the lock file', () => {
    expect(findPackageFaults({}, lock)).toEqual(['the lock file knows other dependencies']);
  });

  it('sees a download address', () => {
    const resolved = { version: '4.6.7', resolved: 'https://host.example/zod.tgz' };
    const faults = findPackageFaults(manifest, {
      packages: { ...lock.packages, 'node_modules/zod': resolved },
    });
    expect(faults).toEqual(['node_modules/zod has a download address']);
  });
});
