// Proofs of work as a page makes them: it asks for a challenge, tries counters until the hash begins
// as it must, and sends both back. It needs SHA-256 and nothing else.

import { createHash } from 'node:crypto';

interface Parameters {
  readonly nonce: string;
  readonly salt: string;
  readonly keyPrefix: string;
}

/** A solved challenge of the hub at `url`, as its forms take it. */
export async function proveWork(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/proof-of-work`);
  const { challenge } = (await response.json()) as { challenge: { parameters: Parameters } };
  return solveWork(challenge);
}

/** A challenge and its solution as base64 of JSON. */
export function solveWork(challenge: { readonly parameters: Parameters }): string {
  const { nonce, salt, keyPrefix } = challenge.parameters;
  const prefix = Buffer.from(keyPrefix, 'hex');
  const message = Buffer.concat([Buffer.from(salt + nonce, 'hex'), Buffer.alloc(4)]);
  for (let counter = 0; ; counter++) {
    message.writeUInt32BE(counter, message.length - 4);
    const hash = createHash('sha256').update(message).digest();
    if (!hash.subarray(0, prefix.length).equals(prefix)) continue;
    const solution = { counter, derivedKey: hash.toString('hex'), time: 1 };
    return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
  }
}
