// Peers, and variants of peers, that could not be had where these measurements were made: no figure
// of theirs is given, and the reason stands where the figure would. Each was tried as its own
// documents say, from the package registries alone.

import type { Subject } from '../subject.ts';

interface Missing {
  readonly name: string;
  readonly variant: string;
  readonly reason: string;
}

const MISSING: readonly Missing[] = [
  {
    name: 'bifrost',
    variant: 'fastest',
    reason:
      'Its HTTP transport did not install: the module proxy refused the list of its versions and ' +
      'transports v1.4.11 (403), and had no checksum for v1.6.0 (404). The npm package holds no ' +
      'program, it downloads one.',
  },
  {
    name: 'litellm-full',
    variant: 'keys, budgets and spend logs in PostgreSQL',
    reason:
      "Its database layer needs Prisma's query engine, which comes from a host of Prisma's own " +
      'and from no registry (`prisma generate` of prisma 0.15.0: host not found).',
  },
  {
    name: 'tensorzero-full',
    variant: 'keys and observability in PostgreSQL',
    reason:
      'The server in the Python package demands a migrated database, and only the separate gateway ' +
      'program, which no registry has, carries `--run-postgres-migrations`.',
  },
  {
    name: 'agentgateway',
    variant: 'fastest',
    reason:
      'It is published as a binary and a container image; crates.io has no such crate, and the ' +
      'PyPI package of the name is another program.',
  },
  {
    name: 'gomodel',
    variant: 'fastest',
    reason: 'It did not install: the module proxy refused the list of its versions (403).',
  },
];

export const MISSING_PEERS: readonly Subject[] = MISSING.map(({ name, variant, reason }) => ({
  name,
  variant,
  settings: `not measured. ${reason}`,
  start: () => Promise.reject(new Error(reason)),
}));
