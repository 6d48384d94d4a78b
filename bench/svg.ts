// The few shapes that the bench draws with.

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ''): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  return content === ''
    ? `<${name}${pairs.join('')}/>`
    : `<${name}${pairs.join('')}>${content}</${name}>`;
}

export function label(x: number, y: number, text: string, more: Attributes = {}): string {
  return element('text', { x: place(x), y: place(y), ...more }, escapeXml(text));
}

export function box(x: number, y: number, width: number, height: number, fill: string): Attributes {
  return { x: place(x), y: place(y), width: place(width), height: place(height), fill };
}

/** A whole picture on white, so that it reads on a dark page too. */
export function picture(width: number, height: number, content: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 12,
  };
  const ground = element('rect', box(0, 0, width, height, '#ffffff'));
  return `${element('svg', attributes, `\n${[ground, ...content].join('\n')}\n`)}\n`;
}

export function escapeXml(text: string | number): string {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Tenths are finer than any screen. */
function place(number: number): number {
  return Math.round(number * 10) / 10;
}
