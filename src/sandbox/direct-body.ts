// What the sandbox's endpoints of no conversations share: how their requests are read, of JSON or of a
// form, and how their answers are written.

import { HubError } from '../base/errors.ts';
import { isObject, type JsonObject, type JsonValue, parseJson } from '../base/json.ts';
import { formatSse } from '../base/sse.ts';
import type { DirectModelId } from './models.ts';

export interface DirectAnswer {
  readonly contentType: string;
  readonly body: Buffer;
}

/** Of a form: its texts, and its files by name. */
export interface FormBody {
  readonly fields: JsonObject;
  readonly files: ReadonlyMap<string, Buffer>;
}

export function readJson(bytes: Buffer, model: DirectModelId): JsonObject {
  const body = parseJson(bytes.toString('utf8'));
  if (!isObject(body)) throw new HubError('invalid_json');
  assertModel(body['model'], model);
  return body;
}

export async function readForm(
  bytes: Buffer,
  contentType: string,
  model: DirectModelId,
): Promise<FormBody> {
  const headers = { 'content-type': contentType };
  const form = await new Response(bytes, { headers }).formData().catch(() => {
    throw new HubError('invalid_request');
  });
  const fields: JsonObject = {};
  const files = new Map<string, Buffer>();
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else files.set(name, Buffer.from(await value.arrayBuffer()));
  }
  assertModel(fields['model'], model);
  return { fields, files };
}

/** A file that may stand alone or as the first of several. */
export function readFile({ files }: FormBody, name: string): Buffer {
  const file = files.get(name) ?? files.get(`${name}[]`);
  if (file === undefined) throw invalid(name, 'A file is missing.');
  return file;
}

function assertModel(value: unknown, model: DirectModelId): void {
  if (value === model) return;
  const message = 'The model does not exist at this address of the sandbox.';
  throw new HubError('model_not_found', { param: 'model', message });
}

/** A number, which is a text in a form. */
export function readCount(
  body: JsonObject,
  param: string,
  most: number,
  least = 1,
): number | undefined {
  const given = body[param] ?? undefined;
  if (given === undefined) return undefined;
  const value = typeof given === 'string' ? Number(given) : given;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw invalid(param, `${param} must be a whole number from ${least} to ${most}.`);
}

export function isTrue(value: JsonValue | undefined): boolean {
  return value === true || value === 'true';
}

export function invalid(param: string, message: string): HubError {
  return new HubError('invalid_request', { param, message });
}

export function json(body: JsonObject): DirectAnswer {
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) };
}

/** A stream of events that name their own type. */
export function events(list: readonly (JsonObject & { readonly type: string })[]): DirectAnswer {
  const text = list.map((event) => formatSse(JSON.stringify(event), event.type)).join('');
  return { contentType: 'text/event-stream', body: Buffer.from(text) };
}
