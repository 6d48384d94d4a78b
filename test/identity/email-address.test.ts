import { describe, expect, it } from 'vitest';
import { parseEmail } from '../../src/identity/email-address.ts';

describe('an email address', () => {
  it.each([
    [' Ada@Example.COM ', 'ada@example.com'],
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ["o'neil+tag@mail.example.co.uk", "o'neil+tag@mail.example.co.uk"],
    ['\u212Aim@example.com', 'kim@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BU\u0308CHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@пример.рф', 'ada@xn--e1afmkfd.xn--p1ai'],
    ['ada@例え.jp', 'ada@xn--r8jz45g.jp'],
  ])('typed as %s is kept as %s', (typed, kept) => {
    expect(parseEmail(typed)).toBe(kept);
    expect(parseEmail(kept)).toBe(kept);
  });

  it.each([
    ['a Cyrillic letter in a Latin name', 'ada@p\u0430ypal.com'],
    ['the same in its ASCII form', 'ada@xn--pypal-4ve.com'],
    ['a Greek letter in a Latin name', 'ada@g\u03BFogle.com'],
    ['a Cyrillic letter before the @', '\u0430da@example.com'],
    ['a dotted capital I, which is two characters in lower case', '\u0130@example.com'],
  ])('that looks like another by %s is refused', (_, typed) => {
    expect(parseEmail(typed)).toBeUndefined();
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@example.com',
    'ada@@example.com',
    'ada@b@example.com',
    'ada@localhost',
    'ada@127.0.0.1',
    'ada@0x7f.1',
    'ada@[127.0.0.1]',
    'ada@example.com.',
    'ada@example..com',
    'ada@-example.com',
    'ada@exa_mple.com',
    'ada@exa%6dple.com',
    'ada@example.com/x',
    'ada@example.com:25',
    'ada@exam\u200Bple.com',
    'ada@xn--.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    'a da@example.com',
    '"a da"@example.com',
    'ada@example.com\r\nBcc: bob@example.com',
    'ada\u0000@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    `ada@${'abc.'.repeat(63)}com`,
  ])('that can be no mailbox is refused: %j', (typed) => {
    expect(parseEmail(typed)).toBeUndefined();
  });
});
