// The rules of package.json and its lock file: exact versions, both in step, no download addresses,
// so that every machine installs the same packages from whichever registry it is set up for.

import { z } from 'zod';

const group = z.record(z.string(), z.string()).default({});
const manifestShape = z.object({
  dependencies: group,
  devDependencies: group,
  optionalDependencies: group,
});
const lockShape = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      dependencies: group,
      devDependencies: group,
      optionalDependencies: group,
    }),
  ),
});

const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** The faults of a package.json and its package-lock.json, both as parsed JSON. */
export function findPackageFaults(manifestJson: unknown, lockJson: unknown): string[] {
  const manifest = manifestShape.parse(manifestJson);
  const { packages } = lockShape.parse(lockJson);
  const root = packages[''];
  const faults = Object.entries(packages)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([path]) => `${path} has a download address`);
  for (const name of GROUPS) {
    for (const [wanted, version] of Object.entries(manifest[name])) {
      if (!EXACT.test(version)) faults.push(`${wanted} has no exact version: ${version}`);
      const locked = packages[`node_modules/${wanted}`]?.version;
      if (locked === undefined || !version.endsWith(locked)) {
        faults.push(`${wanted} is ${version}, but ${locked} in the lock file`);
      }
    }
    const listed = JSON.stringify(sortEntries(root?.[name] ?? {}));
    if (listed !== JSON.stringify(sortEntries(manifest[name]))) {
      faults.push(`the lock file knows other ${name}`);
    }
  }
  return faults;
}

function sortEntries(record: Record<string, string>): [string, string][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
