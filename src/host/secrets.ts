// Opens what is sealed: the vault under the keys of this hub, everything sealed anew under the current
// one as far as it can be opened, and the gateway's book of customers' own credentials.

import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { resealAuthenticators } from '../identity/authenticator.ts';
import { type CredentialBook, openCredentialBook } from '../vault/book.ts';
import { resealCredentials } from '../vault/reseal.ts';
import { type Vault, openVault } from '../vault/seal.ts';
import { sealingKeys } from './sealing-keys.ts';

export interface Secrets {
  readonly vault: Vault | undefined;
  /** Only under a key that the operator has thought about: these are worth money elsewhere. */
  readonly credentialVault: Vault | undefined;
  readonly credentials: CredentialBook;
}

/** Call it under the folder's lock. What cannot be opened is logged and left as it is. */
export async function openSecrets(
  config: Config,
  database: Database,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<Secrets> {
  const [current, ...previous] = sealingKeys(config);
  const vault = current && openVault(current, ...previous);
  if (vault) {
    for (const [what, reseal] of [
      ['credentials', resealCredentials],
      ['authenticators', resealAuthenticators],
    ] as const) {
      const { resealed, unreadable } = await reseal(database.sql, vault);
      if (resealed > 0) log.info(`${what}_resealed`);
      if (unreadable > 0) log.error(`${what}_unreadable`);
    }
  }
  const credentialVault = config.secretsKey && vault;
  const book = await openCredentialBook(database, credentialVault);
  return { vault, credentialVault, credentials: opened.adopt(book, (open) => open.close()) };
}
