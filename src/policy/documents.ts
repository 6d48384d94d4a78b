// The documents that people accept, each with its current version: the day on which it took effect.
// A new text is a new version; who has accepted which is kept with the person.

export interface PolicyDocument {
  readonly version: string;
  /** Where its text stands on the hub. */
  readonly path: string;
}

export const DOCUMENTS = Object.freeze({
  terms: { version: '2026-11-27', path: '/terms' },
  privacy: { version: '2026-11-27', path: '/privacy' },
} as const satisfies Record<string, PolicyDocument>);
