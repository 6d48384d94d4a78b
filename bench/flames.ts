// Draws a tree of calls as a flame graph: a caller below what it called, each as wide as its share
// of the samples. What is narrower than a pixel is left out.

import type { Frame, Owner } from './fold.ts';
import { box, element, escapeXml, label, picture } from './svg.ts';

const WIDTH = 1_200;
const ROW = 17;
const MARGIN = 10;
const TOP = 48;
const NARROWEST = 1;
const CHARACTER = 6.6;

const COLOURS: Readonly<Record<Owner, string>> = {
  hub: '#6ea8fe',
  package: '#f0b45e',
  node: '#9ccc9c',
  engine: '#c9ccd1',
};
const LEGEND: readonly (readonly [Owner, string])[] = [
  ['hub', 'the hub'],
  ['package', 'packages'],
  ['node', 'Node'],
  ['engine', 'engine, system calls, garbage collection'],
];

export function drawFlames(title: string, root: Frame): string {
  const scale = (WIDTH - 2 * MARGIN) / Math.max(1, root.samples);
  const depth = depthOf(root, scale);
  const height = TOP + depth * ROW + MARGIN;
  const content: string[] = [label(MARGIN, 18, title, { 'font-weight': 600 }), drawLegend()];
  const draw = (frame: Frame, x: number, level: number): void => {
    const width = frame.samples * scale;
    if (width < NARROWEST) return;
    content.push(
      drawFrame(frame, root.samples, { x, y: height - MARGIN - (level + 1) * ROW, width }),
    );
    let at = x;
    for (const child of [...frame.children.values()].toSorted((a, b) => b.samples - a.samples)) {
      draw(child, at, level + 1);
      at += child.samples * scale;
    }
  };
  draw(root, MARGIN, 0);
  return picture(WIDTH, height, content);
}

function depthOf(frame: Frame, scale: number): number {
  if (frame.samples * scale < NARROWEST) return 0;
  return 1 + Math.max(0, ...[...frame.children.values()].map((child) => depthOf(child, scale)));
}

function drawFrame(
  { name, place, owner, samples }: Frame,
  total: number,
  { x, y, width }: { x: number; y: number; width: number },
): string {
  const share = `${((samples / total) * 100).toFixed(1)} %`;
  const hint = element(
    'title',
    {},
    escapeXml(`${[name, place].filter(Boolean).join(' ')}, ${share}`),
  );
  const shape = element('rect', {
    ...box(x, y, Math.max(width - 0.5, 0.5), ROW - 1, COLOURS[owner]),
    rx: 1,
  });
  const room = Math.floor((width - 6) / CHARACTER);
  const short = name.length <= room ? name : `${name.slice(0, room - 1)}…`;
  const text = room < 3 ? '' : label(x + 3, y + 12, short, { 'font-size': 11, fill: '#1c1e21' });
  return element('g', {}, hint + shape + text);
}

function drawLegend(): string {
  let x = MARGIN;
  return LEGEND.map(([owner, text]) => {
    const at = x;
    x += 24 + text.length * CHARACTER;
    const shape = element('rect', { ...box(at, 28, 10, 10, COLOURS[owner]) });
    return shape + label(at + 14, 37, text, { 'font-size': 11, fill: '#43474e' });
  }).join('');
}
