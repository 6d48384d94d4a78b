// What the drain understands of a line, and that what is no line is told from one before anything is
// made of it.

import { expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { NoRecordError, readLine, workspaceOf } from '../../src/usage/line.ts';
import { encodeRecord, readMedia } from '../../src/usage/record.ts';
import { makeRecord } from '../journal/world.ts';

const RECORD = makeRecord();

test('says who is charged what, and hands on the rest as it stands', () => {
  const windows = ['bgt_a:total', 'bgt_b:2026-11-01'];
  const line = encodeRecord({
    ...RECORD,
    chargeNanos: 1_234n,
    quarantined: true,
    allowances: [...windows, 'bgt_a:total'],
  });
  expect(readLine(line)).toEqual({
    requestId: RECORD.id,
    workspaceId: RECORD.workspaceId,
    book: 'live',
    runId: RECORD.runId,
    chargeNanos: 1_234n,
    quarantined: true,
    allowances: windows,
    columns: line.slice(0, line.lastIndexOf('\t')),
    failedAttempts: '',
  });
  expect(readLine(encodeRecord(RECORD))).toMatchObject({ quarantined: false, allowances: [] });
  expect(workspaceOf(line)).toBe(RECORD.workspaceId);
});

test('keeps tokens of sound and pictures in their order, and two letters where there are none', () => {
  const told = { inAudio: 1, inAudioCacheRead: 2, inImage: 3, inImageCacheRead: 4 };
  const tokens = { ...RECORD.tokens, ...told, outAudio: 5, outImage: 6 };
  const lastOf = (line: string) => readLine(line).columns.split('\t').at(-1);
  expect(lastOf(encodeRecord({ ...RECORD, tokens }))).toBe('{1,2,3,4,5,6}');
  expect(lastOf(encodeRecord(RECORD))).toBe('{}');
  expect(readMedia(['1', 2n, 3, '4', '5', '6'])).toEqual({
    inAudio: 1n,
    inAudioCacheRead: 2n,
    inImage: 3n,
    inImageCacheRead: 4n,
    outAudio: 5n,
    outImage: 6n,
  });
  expect(Object.values(readMedia([]))).toEqual([0n, 0n, 0n, 0n, 0n, 0n]);
});

test('of versions that knew less is completed, with failed attempts or without', () => {
  const failed = {
    provider: 'p',
    status: 503,
    errorCode: 'upstream_failed',
    costNanos: 1n,
  } as const;
  for (const ip of ['192.0.2.7', '2001:db8::1', null]) {
    for (const failedAttempts of [[], [failed]]) {
      const line = encodeRecord({ ...RECORD, ip, failedAttempts });
      // Before tokens of sound and pictures, and before a customer's own credentials.
      const withoutMedia = line.replace(/\t\{\}\t([^\t]*)$/, '\t$1');
      const withoutCredentials = withoutMedia.replace(/\t\\N\t\\N\t([^\t]*)$/, '\t$1');
      const lengths = [line, withoutMedia, withoutCredentials].map((of) => of.split('\t').length);
      expect(lengths).toEqual([46, 45, 43]);
      expect(readLine(withoutMedia)).toEqual(readLine(line));
      expect(readLine(withoutCredentials)).toEqual(readLine(line));
    }
  }
  const own = encodeRecord({ ...RECORD, credentialId: newId('cred', 0), feeBps: 0 });
  expect(readLine(own).columns).toBe(own.slice(0, own.lastIndexOf('\t')));
  expect(readLine(own.replace(/\t\{\}\t$/, '\t'))).toEqual(readLine(own));
});

test.each<[string, string | RegExp, string]>([
  ['no id', /^req_/, 'xxx_'],
  ['an id that is too short', /^req_./, 'req_'],
  ['no workspace', '\tws_', '\txx_'],
  ['a book that is none', '\tlive\t', '\tlove\t'],
  ['no run', '\trun_', '\txxx_'],
  ['a charge that is no number', '\t56\t', '\tx\t'],
  ['a charge below zero', '\t56\t', '\t-56\t'],
  ['no charge', '\t56\t', '\t\t'],
  ['a flag that is none', '\tf\t{', '\tx\t{'],
  ['windows without an end', '{}\t', '{\t'],
])('a line with %s is no record', (_what, from, to) => {
  const line = encodeRecord(RECORD);
  const broken = line.replace(from, to);
  expect(broken).not.toBe(line);
  expect(() => readLine(broken)).toThrow(NoRecordError);
});
