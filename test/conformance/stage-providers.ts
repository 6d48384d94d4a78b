// Loaded into the stage's hub before anything else: its list of providers has one more for each recorded
// provider and protocol. It is that provider in all but three things: it speaks this protocol alone, to
// clients of every other; takes models of any name, for models come and go; and needs no credential.

import { registerHooks } from 'node:module';
import type { Provider } from '../../src/providers/provider.ts';
import { type Wire, pairId } from './wires.ts';

/** A JSON list of pairs. */
export const PAIRS_VARIABLE = 'CONFORMANCE_PAIRS';

const LIST = new URL('../../src/providers/list.ts', import.meta.url).href;

if (process.env[PAIRS_VARIABLE] !== undefined) {
  registerHooks({
    load: (url, context, next) =>
      url === LIST
        ? { format: 'module', source: LONGER_LIST, shortCircuit: true }
        : next(url, context),
  });
}

const LONGER_LIST = `
  import { PROVIDERS as KNOWN } from '${LIST}?known';
  import { withReplayed } from '${import.meta.url}';
  export const PROVIDERS = withReplayed(KNOWN);
`;

export function withReplayed(known: readonly Provider[]): readonly Provider[] {
  const pairs = JSON.parse(process.env[PAIRS_VARIABLE] ?? '[]') as PlainPair[];
  const replayed = pairs.flatMap(({ id, wire }) =>
    known.filter((each) => each.id === id).map((provider) => speaking(wire, provider)),
  );
  return Object.freeze([...known, ...replayed]);
}

interface PlainPair {
  /** The provider's. */
  readonly id: string;
  readonly wire: Wire;
}

function speaking(wire: Wire, provider: Provider): Provider {
  const { aws: _aws, ...plain } = provider;
  return Object.freeze<Provider>({
    ...plain,
    id: pairId({ provider, wire }),
    baseUrl: undefined,
    protocols: [wire],
    auth: 'none',
    openCatalog: true,
  });
}
