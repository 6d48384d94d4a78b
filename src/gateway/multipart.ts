// Bodies of multipart/form-data, https://www.rfc-editor.org/rfc/rfc7578. Node's own parser reads them;
// what goes on is written anew from what it read, because two parsers may read one body differently
// and the provider must see exactly what was priced. Nothing of it touches the disk.

import { randomUUID } from 'node:crypto';
import { HubError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { BodyEdit, Files } from '../protocols/protocol.ts';

interface Part {
  readonly name: string;
  readonly content: Buffer;
  /** Undefined for a plain text field. */
  readonly file: { readonly name: string; readonly type: string } | undefined;
}

export interface Form {
  /** The text fields; a name that stands several times has a list of texts. */
  readonly fields: JsonObject;
  readonly files: Files;
  /** The form with these fields changed, or added where it has them not; values become texts. */
  encode(edits: readonly BodyEdit[]): {
    readonly parts: readonly Buffer[];
    readonly contentType: string;
  };
}

/** Fields beyond this many are no recording's. */
const MAX_PARTS = 200;
const EMPTY = Buffer.alloc(0);
const NO_FORM = 'The body must be valid multipart/form-data.';

/** Throws `invalid_request` for what is no such form. */
export async function parseForm(bytes: Buffer, contentType: string): Promise<Form> {
  const parts = await readParts(bytes, contentType);
  const fields: JsonObject = Object.create(null) as JsonObject;
  const files = new Map<string, Buffer[]>();
  for (const { name, content, file } of parts) {
    if (file) {
      files.set(name, [...(files.get(name) ?? []), content]);
    } else {
      const text = content.toString('utf8');
      const earlier = fields[name];
      fields[name] =
        earlier === undefined
          ? text
          : Array.isArray(earlier)
            ? [...earlier, text]
            : [earlier, text];
    }
  }
  return { fields, files, encode: (edits) => encodeForm(parts, edits) };
}

async function readParts(bytes: Buffer, contentType: string): Promise<Part[]> {
  // The parser would take the fields of a URL as well.
  if (!/^multipart\/form-data\b/i.test(contentType)) throw invalidForm(NO_FORM);
  const headers = { 'content-type': contentType };
  const form = await new Response(bytes, { headers }).formData().catch(() => {
    throw invalidForm(NO_FORM);
  });
  const parts: Part[] = [];
  for (const [name, value] of form) {
    if (parts.length === MAX_PARTS) throw invalidForm('The form has too many fields.');
    parts.push(
      typeof value === 'string'
        ? { name, content: Buffer.from(value), file: undefined }
        : {
            name,
            content: Buffer.from(await value.arrayBuffer()),
            file: { name: value.name, type: value.type || 'application/octet-stream' },
          },
    );
  }
  return parts;
}

function encodeForm(parts: readonly Part[], edits: readonly BodyEdit[]) {
  const boundary = `form-${randomUUID()}`;
  const changed = new Map(
    edits.map(({ key, json }) => [key, String(json === undefined ? '' : JSON.parse(json))]),
  );
  const fields = new Set(parts.flatMap(({ name, file }) => (file ? [] : [name])));
  const added = [...changed.keys()].filter((name) => !fields.has(name));
  const all = [...parts, ...added.map((name) => ({ name, content: EMPTY, file: undefined }))];
  const chunks: Buffer[] = [];
  for (const { name, content, file } of all) {
    const edited = file ? undefined : changed.get(name);
    chunks.push(
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${escape(name)}"` +
          (file ? `; filename="${escape(file.name)}"\r\ncontent-type: ${file.type}` : '') +
          '\r\n\r\n',
      ),
      edited === undefined ? content : Buffer.from(edited),
      Buffer.from('\r\n'),
    );
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    parts: chunks,
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

/** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function escape(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

function invalidForm(message: string): HubError {
  return new HubError('invalid_request', { message });
}
