// Every subject by name. `hub:NAME=VALUE+NAME=VALUE` is the hub with further settings, for
// comparing them in one run; CHECKOUT=/path among them takes the sources from another folder.

import { hub } from './hub.ts';
import { NGINX } from './nginx.ts';
import { PEERS } from './peers/peers.ts';
import type { Subject } from './subject.ts';

const EVERYTHING =
  'default settings: key check, budgets, hold, metering, journal on disk before the last byte, booking into a ' +
  'durable PostgreSQL that is counted';

const HUBS: readonly Subject[] = [
  hub({ name: 'hub', variant: 'everything on', settings: EVERYTHING, database: 'postgres' }),
  hub({
    name: 'hub-standard',
    variant: 'everything on, the standard way',
    settings: `${EVERYTHING}; FAST_DOOR=off (node:http) and UPSTREAM_CLIENT=standard (undici)`,
    database: 'postgres',
    env: { FAST_DOOR: 'off', UPSTREAM_CLIENT: 'standard' },
  }),
  hub({
    name: 'hub-pglite',
    variant: 'everything on, embedded database',
    settings: EVERYTHING.replace('a durable PostgreSQL that is counted', 'PGlite'),
    database: 'pglite',
  }),
];

export const SUBJECTS: readonly Subject[] = [...NGINX, ...HUBS, ...PEERS];

/** Throws where there is no such subject. */
export function findSubject(name: string): Subject {
  const found = SUBJECTS.find((subject) => subject.name === name);
  if (found) return found;
  const [base, text] = name.split(/:(.*)/s);
  if (base !== 'hub' || !text) {
    const names = SUBJECTS.map((subject) => subject.name).join(', ');
    throw new Error(`There is no subject ${name}; there are ${names}.`);
  }
  const { CHECKOUT, ...env } = Object.fromEntries(
    text.split('+').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  const settings = `${EVERYTHING}; ${text}`;
  const checkout = CHECKOUT === undefined ? {} : { checkout: CHECKOUT };
  return hub({ name, variant: text, settings, database: 'postgres', env, ...checkout });
}
