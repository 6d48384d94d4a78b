// Reading what a form holds.

/** The text of one field; an absent field is an empty text. */
export function formText(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
