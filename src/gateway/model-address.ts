// What Gemini's clients say in the address: `/v1beta/models/{model}:{method}`, and below `/v1` as well.
// A model's name may hold slashes, dots and colons, so it ends at the last colon. Some clients take a
// name with a slash for a whole path and leave `models/` out: below `/v1beta` nothing else looks so.

import type { Address } from '../protocols/protocol.ts';

export interface ModelCall {
  readonly method: string;
  readonly address: Address;
}

const MODEL_CALL = /^\/v1(?:(?:beta)?\/(models|tunedModels)|beta)\/(.+):([A-Za-z]+)$/;
const WANTS_EVENTS = /[?&](?:\$|%24)?alt=sse(?:&|$)/;

/** Undefined where the path names no method of a model. `url`: path and query, as they came. */
export function readModelCall(path: string, url: string): ModelCall | undefined {
  const [, kind = 'models', name = '', method = ''] = MODEL_CALL.exec(path) ?? [];
  if (method === '') return undefined;
  const model = modelOf(kind, name);
  if (!model) return undefined;
  const stream = method === 'streamGenerateContent';
  return { method, address: { model, stream, sse: WANTS_EVENTS.test(url) } };
}

/** The method that a path ends with, looked at no closer than a hot path can afford. */
export function methodOf(path: string): string {
  const isModels = path.startsWith('/v1/models/') || path.startsWith('/v1beta/');
  return isModels ? path.slice(path.lastIndexOf(':') + 1) : '';
}

/** A model that was tuned is not the one of the same name, so it keeps the word before it. */
function modelOf(kind: string, name: string): string | undefined {
  try {
    const model = decodeURIComponent(name).replace(/^models\//, '');
    return kind === 'models' ? model : `${kind}/${model}`;
  } catch {
    return undefined;
  }
}
