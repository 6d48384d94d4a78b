// What an email address must look like to be one here. It is normalised first and judged then, so
// that what is judged is what is kept: one form an address, with its host in ASCII. A host that mixes
// scripts to look like another is refused (UTS #39, "highly restrictive").

import { domainToASCII, domainToUnicode } from 'node:url';

const MOST_CHARACTERS = 254;
const MOST_LOCAL_CHARACTERS = 64;
const ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
/** RFC 5321's dot-string. Quoted local parts are legal and used by nobody. */
const LOCAL = new RegExp(`^${ATOM}(\\.${ATOM})*$`);
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Anything else (a percent sign, an invisible character) would be read as something by somebody. */
const TYPED_HOST = /^[\p{Letter}\p{Mark}\p{Number}.-]+$/u;
/** Never a number, so that no IP address passes for a name. */
const TOP_LABEL = /^([a-z]{2,}|xn--[a-z0-9-]+)$/;
/** What may stand in one label: Latin with the scripts of East Asia, every other by itself. */
const TOGETHER = ['Latin Han Hiragana Katakana', 'Latin Han Hangul', 'Latin Han Bopomofo'];
const ALONE =
  'Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hebrew ' +
  'Kannada Khmer Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thai';
const ONE_SCRIPT = [...TOGETHER, ...ALONE.split(' ')].map((scripts) => {
  const letters = scripts.split(' ').map((script) => `\\p{Script_Extensions=${script}}`);
  return new RegExp(`^[${letters.join('')}0-9-]+$`, 'u');
});

/** The one form of an address; undefined where there can be no such mailbox. */
export function parseEmail(text: string): string | undefined {
  const [local = '', typedHost = '', ...more] = text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .split('@');
  const host = parseHost(typedHost);
  if (host === undefined || more.length > 0) return undefined;
  if (local.length > MOST_LOCAL_CHARACTERS || !LOCAL.test(local)) return undefined;
  const email = `${local}@${host}`;
  return email.length <= MOST_CHARACTERS ? email : undefined;
}

function parseHost(typed: string): string | undefined {
  if (!TYPED_HOST.test(typed)) return undefined;
  const host = domainToASCII(typed);
  const labels = host.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  if (!TOP_LABEL.test(labels.at(-1) ?? '')) return undefined;
  return domainToUnicode(host).split('.').every(isOfOneScript) ? host : undefined;
}

function isOfOneScript(label: string): boolean {
  return ONE_SCRIPT.some((pattern) => pattern.test(label));
}
