// The tables of a report, in Markdown.

import { CELLS, type Cell, isTranslated } from './cells.ts';
import { RATE } from './latencies.ts';
import type { CostReport, Report } from './report.ts';
import { medianOf, ratiosOf, spreadOf } from './statistics.ts';

/** What the others are held against. */
export const BASE = 'nginx';

type Row = readonly string[];

export function writeTables(report: Report): string {
  const plain = CELLS.filter((cell) => cell.transport === 'http' && !cell.id.includes('messages'));
  const tls = CELLS.filter(({ transport }) => transport === 'https');
  const other = CELLS.filter(({ id }) => id.includes('messages'));
  const parts = [
    describeRun(report),
    costTable(report, plain, 'Processor time in µs, upstream over HTTP'),
    costTable(report, tls, 'Processor time in µs, upstream over TLS'),
    costTable(report, other, 'Processor time in µs, Messages and translation'),
    latencyTable(report),
    memoryTable(report),
    coldStartTable(report),
    subjectTable(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}

/** The ratio of a cell's cost to its base, as the median over the rounds. */
export function ratioOf(report: Report, cost: CostReport): number | undefined {
  const cell = CELLS.find(({ id }) => id === cost.cell);
  const [wantedCell, wantedSubject] =
    cell?.base === undefined ? [cost.cell, BASE] : [cell.base, cost.subject];
  const base = report.costs.find(
    ({ cell: id, subject }) => id === wantedCell && subject === wantedSubject,
  );
  if (!base || cost.micros.length === 0) return undefined;
  const ratio = medianOf(ratiosOf(cost.micros, base.micros));
  return Number.isNaN(ratio) ? undefined : ratio;
}

function describeRun({ surroundings: run }: Report): string {
  return (
    `Measured ${run.date}, commit ${run.commit}; ${run.processor}, ${run.cores} cores; ` +
    `${run.kernel}; Node ${run.node.replace(/^v/, '')}. ${run.rounds} rounds of ${run.seconds} s ` +
    `after ${run.warmupSeconds} s of warm-up. The machine's load average was ` +
    `${run.loadBefore.toFixed(1)} before and ${run.loadAfter.toFixed(1)} after the run.\n`
  );
}

function costTable(report: Report, cells: readonly Cell[], title: string): string {
  const used = cells.filter(({ id }) => report.costs.some(({ cell }) => cell === id));
  if (used.length === 0) return '';
  const rows = report.subjects
    .filter(({ missing }) => missing === undefined)
    .map(({ name }) => [name, ...used.map((cell) => costText(report, cell, name))])
    .filter(([, ...texts]) => texts.some((text) => text !== ''));
  return tableOf(title, ['', ...used.map((cell) => cell.title)], rows);
}

function costText(report: Report, cell: Cell, name: string): string {
  const cost = report.costs.find(({ cell: id, subject }) => id === cell.id && subject === name);
  if (!cost) return '';
  if (cost.micros.length === 0) return 'failed';
  const ratio = ratioOf(report, cost);
  const base = isTranslated(cell) ? 'of untranslated' : '×';
  const relation =
    ratio === undefined ? '' : ` (${ratio.toFixed(2)}${base === '×' ? base : `× ${base}`})`;
  return `${figureOf(cost.micros)}${relation}`;
}

/** The median and the median distance from it. */
function figureOf(numbers: readonly number[], digits?: number): string {
  const median = medianOf(numbers);
  const places = digits ?? (Math.abs(median) < 100 ? 1 : 0);
  return `${median.toFixed(places)} ±${spreadOf(numbers).toFixed(places)}`;
}

function latencyTable({ latencies }: Report): string {
  const rows = latencies
    .filter(({ addedP50Micros }) => addedP50Micros.length > 0)
    .map((row) => [row.subject, figureOf(row.addedP50Micros, 0), figureOf(row.addedP99Micros, 0)]);
  const title = `Added latency at ${RATE} requests a second, µs over no proxy at all`;
  return tableOf(title, ['', 'p50', 'p99'], rows);
}

function memoryTable({ memories }: Report): string {
  const megabytes = (numbers: readonly number[]): string =>
    figureOf(numbers.map((bytes) => bytes / 1_048_576));
  const kilobytes = (numbers: readonly number[]): string =>
    figureOf(numbers.map((bytes) => bytes / 1_024));
  const rows = memories
    .filter(({ idleBytes }) => idleBytes.length > 0)
    .map(({ subject, idleBytes, streamBytes }) => [
      subject,
      megabytes(idleBytes),
      kilobytes(streamBytes.to100),
      kilobytes(streamBytes.to500),
    ]);
  const head = ['', 'at rest, MiB', 'a stream up to 100, KiB', 'a further stream up to 500, KiB'];
  return tableOf('Memory of the process trees (PSS)', head, rows);
}

function coldStartTable({ coldStarts }: Report): string {
  const rows = coldStarts
    .filter(({ millis }) => millis.length > 0)
    .map(({ subject, millis }) => [subject, figureOf(millis, 0)]);
  return tableOf('From start to first answer, ms', ['', 'ms'], rows);
}

function subjectTable(report: Report): string {
  const rows = report.subjects.map(({ name, version, variant, settings, missing }) => [
    name,
    version,
    missing === undefined ? `${variant}: ${settings}` : `not measured: ${oneLine(missing)}`,
  ]);
  const failures = [...report.costs, ...report.latencies, ...report.memories, ...report.coldStarts]
    .filter(({ failed }) => failed !== undefined)
    .map((row) => {
      const where = 'cell' in row ? row.cell : 'another column';
      return `* ${row.subject}, ${where}: ${oneLine(row.failed ?? '')}`;
    });
  const table = tableOf('Subjects', ['', 'version', 'what is on'], rows, true);
  return failures.length === 0 ? table : `${table}\nWhat failed:\n\n${failures.join('\n')}\n`;
}

/** Of a reason; where files lie on this machine is nobody's business. */
function oneLine(text: string): string {
  const named = text.replace(/(?:\/[\w.@-]+)+\/([\w.@-]+)/g, '$1');
  return named.replace(/\s+/g, ' ').replaceAll('|', ',').slice(0, 300);
}

function tableOf(title: string, head: Row, rows: readonly Row[], isText = false): string {
  if (rows.length === 0) return '';
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, i) => (i === 0 || isText ? '---' : '---:')));
  return `### ${title}\n\n${[line(head), rule, ...rows.map(line)].join('\n')}\n`;
}
