// Reading what a form holds, and which of its fields the hub refused.

import { ApiFailure } from '../api/client.ts';

/** The text of one field; an absent field is an empty text. */
export function formText(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** Marks the field that the hub named; the words themselves stand above the button. */
export function isFieldRefused(error: Error | null, field: string): boolean {
  return error instanceof ApiFailure && error.param === field;
}
