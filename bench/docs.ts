// Puts what a run found into docs/performance.md, between its marks, and draws the picture beside
// it.

import { readFile, writeFile } from 'node:fs/promises';
import { drawChart } from './chart.ts';
import type { Report } from './report.ts';
import { writeTables } from './tables.ts';

const DOCUMENT = new URL('../docs/performance.md', import.meta.url);
const PICTURE = new URL('../docs/performance.svg', import.meta.url);
const BEGIN = '<!-- figures: written by npm run bench -- --docs -->';
const END = '<!-- end of figures -->';

/** Throws where the document has lost its marks. */
export async function writeDocs(report: Report): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  await writeFile(DOCUMENT, replaceFigures(text, writeTables(report)));
  await writeFile(PICTURE, drawChart(report));
}

export function replaceFigures(text: string, figures: string): string {
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from)
    throw new Error(`The document has no place between ${BEGIN} and ${END}.`);
  return `${text.slice(0, from + BEGIN.length)}\n\n${figures}\n${text.slice(to)}`;
}
