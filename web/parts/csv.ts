// Rows as CSV (RFC 4180). Texts that a spreadsheet would run as a formula are made harmless: a key's
// name is free text. It may also hold what separates cells in the reader's country (`a;=SUM(1)`), so
// every place where a cell could begin counts. https://owasp.org/www-community/attacks/CSV_Injection

/** Before `=`, `+`, `-`, `@` and their full-width forms, where a cell begins for somebody. */
const FORMULA_STARTS = /(?<=^|[;,\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])/g;

type Cell = string | number | boolean | null;

/** One header line of the first row's fields, then a line for each row. */
export function toCsv<Row extends Record<keyof Row, Cell>>(rows: readonly Row[]): string {
  const [first] = rows;
  if (!first) return '';
  const names = Object.keys(first) as (keyof Row & string)[];
  const lines = rows.map((row) => names.map((name) => cell(row[name])).join(','));
  return [names.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

function cell(value: Cell): string {
  const text = value === null ? '' : String(value);
  const isNumber = /^-?\d+$/.test(text);
  const harmless = isNumber ? text : text.replace(FORMULA_STARTS, "'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
