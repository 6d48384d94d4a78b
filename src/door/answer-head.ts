// The head of an answer as text. What node:http adds to an answer is added here too: Date, Connection,
// Keep-Alive and the framing, which nobody else may set.

import { STATUS_CODES } from 'node:http';

const NAME = /^[!#$%&'*+\-.^`|~\w]+$/;
const WRONG_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'trailer',
]);

/** Names that were looked at; answers carry the same few again and again. */
const knownNames = new Set<string>();
const MAX_KNOWN_NAMES = 1_000;

/**
 * `headers`: names and values in turn. `connection` and `framing`: lines, each with its line end.
 * Throws for what would split the head, and for headers that frame the message.
 */
export function answerHead(
  status: number,
  headers: readonly string[],
  connection: string,
  framing: string,
): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  let isDated = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1];
    if (!knownNames.has(name)) checkName(name);
    if (value === undefined || WRONG_IN_VALUE.test(value)) {
      throw new TypeError(`The header ${name} of an answer has a value that cannot be sent.`);
    }
    isDated ||= name.length === 4 && name.toLowerCase() === 'date';
    text += `${name}: ${value}\r\n`;
  }
  return `${text}${isDated ? '' : dateLine()}${connection}${framing}\r\n`;
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new TypeError('A header of an answer has a name that is none.');
  if (FRAMING.has(name.toLowerCase())) {
    throw new TypeError(`The header ${name} of an answer is not for its handler to set.`);
  }
  if (knownNames.size < MAX_KNOWN_NAMES) knownNames.add(name);
}

let dateSecond = 0;
let dateText = '';

/** The same for all answers of a second. */
function dateLine(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = `Date: ${new Date(second * 1_000).toUTCString()}\r\n`;
  }
  return dateText;
}
