// The documents of a rerank, which a client may give as texts or as objects, and what the dialects
// whose documents are texts make of them.

import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { invalid, unsupported } from '../fields.ts';

/** The text by which a document is measured. */
export function readDocuments(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid('documents', '`documents` must be a list that is not empty.');
  }
  return value.map((document, i) => {
    if (typeof document === 'string') return document;
    if (isObject(document)) return JSON.stringify(document);
    throw invalid(`documents[${i}]`, `\`documents[${i}]\` must be a text or an object.`);
  });
}

/** Refuses objects that are more than a text: which of their fields to rank cannot be said. */
export function textsOf(documents: JsonValue | undefined): string[] {
  return (Array.isArray(documents) ? documents : []).map((document, i) => {
    if (typeof document === 'string') return document;
    const text = isObject(document) ? onlyText(document) : undefined;
    if (text !== undefined) return text;
    throw unsupported(
      `documents[${i}]`,
      `\`documents[${i}]\` must be a text or have a \`text\` alone for this model.`,
    );
  });
}

function onlyText(document: JsonObject): string | undefined {
  const { text, ...rest } = document;
  return typeof text === 'string' && Object.keys(rest).length === 0 ? text : undefined;
}
