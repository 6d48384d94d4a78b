// Forms are read as Node reads them and written anew, so that the next reader sees what was priced.

import { describe, expect, it } from 'vitest';
import { parseForm } from '../../src/gateway/multipart.ts';

async function bytesOf(form: FormData): Promise<readonly [Buffer, string]> {
  const response = new Response(form);
  const bytes = Buffer.from(await response.arrayBuffer());
  return [bytes, response.headers.get('content-type') ?? ''];
}

const FILE = Buffer.from([0, 13, 10, 45, 45, 255, 13, 10]);

function formOf(...fields: readonly (readonly [string, string])[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  form.append('file', new Blob([FILE], { type: 'audio/ogg' }), 'a "b"\r\nc: d.ogg');
  return form;
}

describe('a form', () => {
  it('has its texts as fields and its files by name', async () => {
    const { fields, files } = await parseForm(
      ...(await bytesOf(formOf(['model', 'x/y'], ['tag[]', 'a'], ['tag[]', 'ä']))),
    );
    expect({ ...fields }).toEqual({ model: 'x/y', 'tag[]': ['a', 'ä'] });
    expect([...files]).toEqual([['file', [FILE]]]);
  });

  it('is written anew with the edited field, everything else as it was', async () => {
    const { encode } = await parseForm(
      ...(await bytesOf(formOf(['model', 'x/y'], ['prompt', 'line\r\nline "ü"']))),
    );
    const { parts, contentType } = encode([{ key: 'model', json: '"y"' }]);
    const again = await new Response(new Blob(parts.map((part) => Uint8Array.from(part))), {
      headers: { 'content-type': contentType },
    }).formData();
    expect([...again.keys()]).toEqual(['model', 'prompt', 'file']);
    expect([again.get('model'), again.get('prompt')]).toEqual(['y', 'line\r\nline "ü"']);
    const file = again.get('file') as File;
    expect([file.name, file.type]).toEqual(['a "b"\r\nc: d.ogg', 'audio/ogg']);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(FILE);
  });

  it('cannot name properties that objects have of themselves', async () => {
    const { fields } = await parseForm(...(await bytesOf(formOf(['__proto__', 'x']))));
    expect(Object.keys(fields)).toEqual(['__proto__']);
    expect(fields['model']).toBeUndefined();
  });

  it.each([
    ['a body of another type', Buffer.from('model=x'), 'application/x-www-form-urlencoded'],
    ['a boundary that is nowhere', Buffer.from('--a\r\n\r\n'), 'multipart/form-data; boundary=b'],
    ['no boundary', Buffer.from('--a\r\n\r\n'), 'multipart/form-data'],
    ['no type', Buffer.from('{}'), ''],
  ])('is not %s', async (_, bytes, contentType) => {
    await expect(parseForm(bytes, contentType)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('has the files of one name in their order', async () => {
    const form = formOf();
    form.append('file', new Blob(['b']), 'b.wav');
    const { files } = await parseForm(...(await bytesOf(form)));
    expect([...files]).toEqual([['file', [FILE, Buffer.from('b')]]]);
  });

  it('is given a field that it has not, behind all others', async () => {
    const { encode } = await parseForm(...(await bytesOf(formOf(['model', 'm']))));
    const { parts, contentType } = encode([{ key: 'response_format', json: '"json"' }]);
    const again = await new Response(new Blob(parts.map((part) => Uint8Array.from(part))), {
      headers: { 'content-type': contentType },
    }).formData();
    expect([...again.keys()]).toEqual(['model', 'file', 'response_format']);
    expect(again.get('response_format')).toBe('json');
  });

  it('has not too many fields', async () => {
    const many = formOf(...Array.from({ length: 300 }, (_, i) => [`f${i}`, ''] as const));
    const parsed = parseForm(...(await bytesOf(many)));
    await expect(parsed).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
