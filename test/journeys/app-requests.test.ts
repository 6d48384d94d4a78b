// What the pages make of an app's request for a key, which anyone can write into an address.

import { describe, expect, it } from 'vitest';
import { deniedUrl, readAppRequest } from '../../web/parts/app-request.ts';

const GOOD = {
  callback_url: 'https://app.example/callback?state=7',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
  name: 'Notes',
};

describe('the request of an app', () => {
  it('is read as it was sent', () => {
    expect(readAppRequest(GOOD)).toEqual({
      callbackUrl: GOOD.callback_url,
      host: 'app.example',
      codeChallenge: GOOD.code_challenge,
      keyName: 'Notes',
    });
  });

  it.each([
    'http://127.0.0.1:4100/callback',
    'http://127.8.9.10/callback',
    'http://[::1]:4100/callback',
    'http://localhost:4100/callback',
  ])('may come from a program on the same machine: %s', (callback_url) => {
    expect(readAppRequest({ ...GOOD, callback_url })).toMatchObject({ callbackUrl: callback_url });
  });

  it.each([
    ['callback_url', undefined, 'callback_url is missing.'],
    ['callback_url', 'app.example', 'callback_url is not an address.'],
    ['callback_url', 'http://app.example/', 'must begin with https://'],
    ['callback_url', 'http://127.0.0.1.evil.example/', 'must begin with https://'],
    ['callback_url', 'http://localhost.evil.example/', 'must begin with https://'],
    ['callback_url', 'javascript:alert(1)', 'must begin with https://'],
    ['callback_url', 'https://hub.example@evil.example/', 'must not carry a name'],
    ['callback_url', 'https://app.example/#part', 'must not have a part after #'],
    ['callback_url', `https://app.example/${'x'.repeat(2_000)}`, 'longer than 2000 characters'],
    ['code_challenge', undefined, 'code_challenge is missing.'],
    ['code_challenge', 'plain', '43 characters of base64url'],
    ['code_challenge', `${'x'.repeat(42)}=`, '43 characters of base64url'],
    ['code_challenge_method', undefined, 'code_challenge_method must be S256.'],
    ['code_challenge_method', 'plain', 'code_challenge_method must be S256.'],
  ])('is refused for %s %j', (name, value, words) => {
    const { [name as keyof typeof GOOD]: _, ...others } = GOOD;
    const request = readAppRequest(value === undefined ? others : { ...GOOD, [name]: value });
    expect(request).toEqual({ fault: expect.stringContaining(words) });
  });

  it('names the key by the host where it gives no name that can be shown', () => {
    expect(readAppRequest({ ...GOOD, name: ' \n\u0007 ' })).toMatchObject({
      keyName: 'app.example',
    });
    expect(readAppRequest({ ...GOOD, name: 'x'.repeat(500) })).toMatchObject({
      keyName: 'x'.repeat(120),
    });
  });

  it('is answered with a refusal that keeps the parameters of the callback', () => {
    expect(deniedUrl('https://app.example/callback?state=7&error=none')).toBe(
      'https://app.example/callback?state=7&error=access_denied',
    );
  });
});
