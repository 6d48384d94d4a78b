// The mark of one press of a button: sent again under the same mark, it happens once.

/** `crypto.randomUUID` needs https or localhost; hubs are opened over plain http in a LAN too. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
