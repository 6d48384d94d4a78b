// What the drain understands of a line, and that what is no line is told from one before anything is
// made of it.

import { expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { NoRecordError, readLine, workspaceOf } from '../../src/usage/line.ts';
import { encodeRecord } from '../../src/usage/record.ts';
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

test('of a version that knew no own credentials is completed, with failed attempts or without', () => {
  const failed = {
    provider: 'p',
    status: 503,
    errorCode: 'upstream_failed',
    costNanos: 1n,
  } as const;
  for (const ip of ['192.0.2.7', '2001:db8::1', null]) {
    for (const failedAttempts of [[], [failed]]) {
      const line = encodeRecord({ ...RECORD, ip, failedAttempts });
      const former = line.replace(/\t\\N\t\\N\t([^\t]*)$/, '\t$1');
      expect(former.split('\t')).toHaveLength(line.split('\t').length - 2);
      expect(readLine(former)).toEqual(readLine(line));
    }
  }
  const own = encodeRecord({ ...RECORD, credentialId: newId('cred', 0), feeBps: 0 });
  expect(readLine(own).columns).toBe(own.slice(0, own.lastIndexOf('\t')));
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
