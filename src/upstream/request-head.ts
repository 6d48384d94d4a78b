// Writes the head of a request to a provider. What is the same in every request on a path is built
// once; what comes from elsewhere is checked, for a line end in a value would split the request.

import type { Provider, ProviderSettings } from '../providers/provider.ts';
import { pathBelow, usualHeaders } from './target.ts';

export interface HeadWriter {
  /** The whole head, the empty line included, as Latin-1. Throws where a header cannot be sent. */
  write(path: string, headers: RequestHeaders, bodyBytes: number): string;
}

/** In lower case, so that a name cannot stand twice. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^\/[\x21-\x7e]*$/;
const USUAL_TYPE = 'content-type';
/** A bound only: a provider has a handful. */
const MAX_PATHS = 1_000;
/** The connection's own affair: a request that set one of them could say two lengths, or none. */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);

export function createHeadWriter(
  base: URL,
  provider: Provider,
  settings: ProviderSettings,
): HeadWriter {
  const usual = usualHeaders(provider, settings);
  const constants = new Map<string, string>();
  /** Headers that cannot change and come again and again; their lines are the same each time. */
  const written = new WeakMap<RequestHeaders, { readonly path: string; readonly lines: string }>();

  function firstLines(path: string): string {
    const target = pathBelow(base, path);
    if (!PATH.test(target)) throw new Error('the path of a request is malformed');
    const request = `POST ${target} HTTP/1.1\r\n`;
    return `${request}host: ${base.host}\r\nconnection: keep-alive\r\n`;
  }

  function constantOf(path: string): string {
    let constant = constants.get(path);
    if (constant === undefined) {
      const { [USUAL_TYPE]: _type, ...others } = usual;
      constant = firstLines(path) + linesOf(others);
      if (constants.size === MAX_PATHS) constants.clear();
      constants.set(path, constant);
    }
    return constant;
  }

  function linesBefore(path: string, headers: RequestHeaders): string {
    let isTyped = false;
    for (const name in headers) {
      if (name === USUAL_TYPE) isTyped = true;
      else if (Object.hasOwn(usual, name)) {
        // The constant part says it already, with another value.
        return firstLines(path) + linesOf({ ...usual, ...headers });
      }
    }
    const type = isTyped ? '' : line(USUAL_TYPE, usual[USUAL_TYPE]!);
    return constantOf(path) + type + linesOf(headers);
  }

  return {
    write(path, headers, bodyBytes) {
      const end = `content-length: ${bodyBytes}\r\n\r\n`;
      const known = written.get(headers);
      if (known?.path === path) return known.lines + end;
      const lines = linesBefore(path, headers);
      if (Object.isFrozen(headers)) written.set(headers, { path, lines });
      return lines + end;
    },
  };
}

type RequestHeaders = Readonly<Record<string, string>>;

function linesOf(headers: RequestHeaders): string {
  let lines = '';
  for (const name in headers) lines += line(name, headers[name]!);
  return lines;
}

function line(name: string, value: string): string {
  if (!NAME.test(name) || RESERVED.has(name)) throw new Error(`the header ${name} cannot be sent`);
  if (!VALUE.test(value)) throw new Error(`the value of the header ${name} cannot be sent`);
  return `${name}: ${value}\r\n`;
}
