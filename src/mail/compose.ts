// Makes a message of a queued row: its kind's words in the one layout, as HTML and as plain text.

import { render, toPlainText } from '@react-email/render';
import type { MailKind } from '../db/schema-people.ts';
import type { JsonObject } from '../base/json.ts';
import { layOut } from './layout.ts';
import { type MadeLink, TEMPLATES, type Words } from './templates.ts';

export interface Composed {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** `facts` are those that the kind was queued with (kinds.ts). */
export async function composeMail(
  kind: MailKind,
  facts: JsonObject,
  made: MadeLink,
  hubUrl: string,
): Promise<Composed> {
  const template = TEMPLATES[kind] as (facts: JsonObject, made: MadeLink) => Words;
  const words = template(facts, made);
  const html = await render(layOut(words, hubUrl));
  const text = toPlainText(html, {
    selectors: [{ selector: 'h1', options: { uppercase: false } }],
  });
  return { subject: words.subject, text: `${text.trim()}\n`, html };
}
