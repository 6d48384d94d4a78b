// Numbers that people read: with thousands told apart, as on every page.

const exact = new Intl.NumberFormat('en-US');

export function exactCount(value: number): string {
  return exact.format(value);
}
