// The picture of a report: for each column a bar a subject, as long as its processor time relative
// to nginx; on a logarithmic scale, because the slowest cost a hundred times the fastest.

import { CELLS, isTranslated } from './cells.ts';
import type { Report } from './report.ts';
import { medianOf } from './statistics.ts';
import { box, element, label, picture } from './svg.ts';
import { BASE, ratioOf } from './tables.ts';

const WIDTH = 860;
const NAMES_WIDTH = 170;
const VALUES_WIDTH = 150;
const BAR_HEIGHT = 16;
const BAR_GAP = 4;
const GROUP_GAP = 34;
const TOP = 44;
const TICKS = [1, 2, 5, 10, 20, 50, 100, 200];
const COLOURS = { base: '#8a8f98', own: '#2f6fde', other: '#d08a3e' };

interface Bar {
  readonly name: string;
  readonly ratio: number;
  readonly micros: number;
}

interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export function drawChart(report: Report): string {
  const groups = CELLS.filter((cell) => !isTranslated(cell))
    .map((cell) => ({ title: cell.title, bars: barsOf(report, cell.id) }))
    .filter(({ bars }) => bars.length > 1);
  const most = Math.max(2, ...groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio)));
  const room = WIDTH - NAMES_WIDTH - VALUES_WIDTH;
  const lengthOf = (ratio: number): number =>
    (Math.log(Math.max(ratio, 0.5) / 0.5) / Math.log(most / 0.5)) * room;
  let y = TOP;
  const content: string[] = [];
  for (const group of groups) {
    content.push(...drawGroup(group, y, lengthOf));
    y += group.bars.length * (BAR_HEIGHT + BAR_GAP) + GROUP_GAP;
  }
  const title = `Processor time relative to ${BASE} (shorter is better, logarithmic scale)`;
  const ticks = TICKS.filter((tick) => tick <= most).map((tick) => {
    const x = NAMES_WIDTH + lengthOf(tick);
    const line = { x1: x, x2: x, y1: TOP - 12, y2: y - GROUP_GAP, stroke: '#e2e4e8' };
    return (
      element('line', line) +
      label(x, TOP - 16, `${tick}×`, { 'text-anchor': 'middle', fill: '#6b7078', 'font-size': 10 })
    );
  });
  const head = label(8, 16, title, { 'font-weight': 600, fill: '#1c1e21' });
  return picture(WIDTH, y, [head, ...ticks, ...content]);
}

function barsOf(report: Report, cell: string): Bar[] {
  return report.costs
    .filter((cost) => cost.cell === cell)
    .flatMap((cost) => {
      const ratio = ratioOf(report, cost);
      return ratio === undefined
        ? []
        : [{ name: cost.subject, ratio, micros: medianOf(cost.micros) }];
    })
    .toSorted((a, b) => a.ratio - b.ratio);
}

function drawGroup(group: Group, top: number, lengthOf: (ratio: number) => number): string[] {
  const head = label(8, top + 10, group.title, { 'font-weight': 600, fill: '#1c1e21' });
  const bars = group.bars.flatMap(({ name, ratio, micros }, i) => {
    const y = top + 16 + i * (BAR_HEIGHT + BAR_GAP);
    const length = lengthOf(ratio);
    const text = `${ratio.toFixed(2)}×, ${micros.toFixed(1)} µs`;
    return [
      label(NAMES_WIDTH - 8, y + 12, name, { 'text-anchor': 'end', fill: '#1c1e21' }),
      element('rect', { ...box(NAMES_WIDTH, y, length, BAR_HEIGHT, colourOf(name)), rx: 2 }),
      label(NAMES_WIDTH + length + 6, y + 12, text, { fill: '#43474e' }),
    ];
  });
  return [head, ...bars];
}

function colourOf(name: string): string {
  if (name.startsWith(BASE)) return COLOURS.base;
  return name.startsWith('hub') ? COLOURS.own : COLOURS.other;
}
