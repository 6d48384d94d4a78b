// The one look of all messages: a narrow column of text with one button, in plain HTML that every
// mail program shows, dark or light. No pictures and nothing from elsewhere, so opening it tells
// nobody. Built from elements, which escape whatever text they are given.

import { type CSSProperties, type ReactElement, createElement as h } from 'react';
import type { Words } from './templates.ts';

const STYLES = Object.freeze({
  body: { margin: 0, padding: '24px 16px', fontFamily: 'system-ui, -apple-system, sans-serif' },
  column: { maxWidth: 560, margin: '0 auto', fontSize: 15, lineHeight: '24px' },
  brand: { margin: '0 0 24px', fontWeight: 600 },
  title: { margin: '0 0 16px', fontSize: 20, lineHeight: '28px', fontWeight: 600 },
  line: { margin: '0 0 16px' },
  facts: { margin: '0 0 16px', paddingLeft: 12, borderLeft: '2px solid #9aa5a5' },
  button: {
    display: 'inline-block',
    padding: '8px 16px',
    borderRadius: 8,
    backgroundColor: '#0f766e',
    color: '#ffffff',
    textDecoration: 'none',
    fontWeight: 600,
  },
  small: { margin: '0 0 16px', fontSize: 13, lineHeight: '20px', wordBreak: 'break-all' },
  rule: { margin: '24px 0 16px', border: 0, borderTop: '1px solid #9aa5a5' },
} satisfies Record<string, CSSProperties>);

/** `hubUrl` is the hub's own address, without a slash at the end. */
export function layOut(
  { subject, lines, facts, action, after }: Words,
  hubUrl: string,
): ReactElement {
  const url = `${hubUrl}${action.path}`;
  return h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { httpEquiv: 'Content-Type', content: 'text/html; charset=utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('title', null, subject),
    ),
    h(
      'body',
      { style: STYLES.body },
      h(
        'div',
        { style: STYLES.column },
        h('p', { style: STYLES.brand, 'data-skip-in-text': true }, 'InferenceHub'),
        h('h1', { style: STYLES.title }, subject),
        ...paragraphs(lines),
        facts && h('p', { style: STYLES.facts }, ...factLines(facts)),
        h(
          'p',
          { style: STYLES.line, 'data-skip-in-text': true },
          h('a', { href: url, style: STYLES.button }, action.label),
        ),
        h('p', { style: STYLES.small }, `${action.label}:`, h('br'), h('a', { href: url }, url)),
        ...paragraphs(after ?? []),
        h('hr', { style: STYLES.rule, 'data-skip-in-text': true }),
        h('p', { style: STYLES.small }, `Sent by InferenceHub, ${hubUrl}`),
      ),
    ),
  );
}

function paragraphs(lines: readonly string[]): ReactElement[] {
  return lines.map((line) => h('p', { key: line, style: STYLES.line }, line));
}

function factLines(facts: NonNullable<Words['facts']>) {
  return facts.flatMap(([label, value], index) => [
    ...(index === 0 ? [] : [h('br', { key: `${label}-break` })]),
    `${label}: ${value}`,
  ]);
}
