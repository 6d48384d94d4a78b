// How the lists of base models are written down: the facts of a family once, the rest a row each.

import { type Capabilities, type Modality, PLAIN_CHAT } from '../capabilities.ts';
import type { BaseModel } from '../model.ts';

interface Facts {
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly input?: readonly Modality[];
  readonly output?: readonly Modality[];
  readonly aliases?: readonly string[];
  readonly deprecationDate?: string;
  /** What departs from a conversation model that does not think. */
  readonly can?: Partial<Capabilities>;
}

/** A conversation in text unless the facts say otherwise. */
export function define(id: string, name: string, facts: Facts): BaseModel {
  const { input = ['text'], output = ['text'], aliases = [], can, deprecationDate } = facts;
  return Object.freeze({
    id,
    name,
    aliases,
    contextWindow: facts.contextWindow,
    maxOutputTokens: facts.maxOutputTokens,
    modalities: { input, output },
    capabilities: { ...PLAIN_CHAT, ...can },
    ...(deprecationDate !== undefined && { deprecationDate }),
  });
}
