// Reads an answer of Ollama's chat into events. A line of a stream and a whole reply have one shape;
// only the last line is `done` and has the counts. Never throws. Older servers give calls no ids:
// these are made from the answer's time, so that no two turns of a conversation share one.

import { HubError } from '../../base/errors.ts';
import {
  arrayOf,
  isObject,
  objectOf,
  parseJson,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import type { ChatEvent, TokenLogprob } from '../../chat/events.ts';
import { writeForeignJson } from '../foreign-json.ts';
import type { EventDecoder } from '../protocol.ts';
import { classifyUpstreamError } from '../upstream-error.ts';
import { readUsage } from './usage.ts';

export function decodeEvents(): EventDecoder {
  const readLine = readLines();
  let ended = false;
  return {
    push(event: SseEvent) {
      if (ended) return [];
      const line = objectOf(parseJson(event.data));
      if (line === undefined) return [];
      ended = line['done'] === true || isErrorBody(line);
      return readLine(line);
    },
    end() {
      if (ended) return [];
      ended = true;
      return [{ type: 'error', error: new HubError('upstream_broke_off') }];
    },
  };
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue): ChatEvent[] {
  if (!isObject(body) || !(isObject(body['message']) || isErrorBody(body))) {
    return [{ type: 'error', error: new HubError('upstream_failed') }];
  }
  return readLines()({ done: true, ...body });
}

/** Whether a line, or a body under status 200, is an error. */
export function isErrorBody(body: JsonObject): boolean {
  return Boolean(body['error']);
}

function readLines(): (line: JsonObject) => ChatEvent[] {
  let createdAt: string | undefined;
  let calls = 0;

  function start(line: JsonObject): ChatEvent[] {
    if (createdAt !== undefined) return [];
    createdAt = stringOf(line['created_at']) ?? '';
    return [{ type: 'start', id: '', model: stringOf(line['model']) ?? '' }];
  }

  function readCall(value: JsonValue): ChatEvent[] {
    const item = objectOf(value);
    const called = objectOf(item?.['function']);
    const name = stringOf(called?.['name']) ?? '';
    if (name === '') return [];
    const call = calls++;
    const id = stringOf(item?.['id']) || `call_${(createdAt ?? '').replace(/\D/g, '')}_${call}`;
    const given = called?.['arguments'] ?? {};
    const json = typeof given === 'string' ? given : writeForeignJson(given);
    return [
      { type: 'tool_call', call, id, name },
      ...(json === '' ? [] : [{ type: 'tool_arguments' as const, call, json }]),
    ];
  }

  return (line) => {
    if (isErrorBody(line)) return [{ type: 'error', error: classifyUpstreamError(502, line) }];
    const events = start(line);
    const message = objectOf(line['message']);
    const thinking = stringOf(message?.['thinking']) ?? '';
    const text = stringOf(message?.['content']) ?? '';
    if (thinking !== '') events.push({ type: 'thinking', text: thinking });
    if (text !== '') events.push({ type: 'text', text });
    const tokens = readLogprobs(line['logprobs']);
    if (tokens.length > 0) events.push({ type: 'logprobs', tokens });
    events.push(...arrayOf(message?.['tool_calls']).flatMap(readCall));
    return line['done'] === true ? [...events, ...readEnd(line)] : events;
  };
}

/** `stop`, and `load` or `unload` where there was nothing to answer, are natural ends. */
function readEnd(line: JsonObject): ChatEvent[] {
  const usage = readUsage(line);
  return [
    ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
    { type: 'finish', reason: line['done_reason'] === 'length' ? 'length' : 'stop' },
  ];
}

function readLogprobs(value: JsonValue | undefined): TokenLogprob[] {
  return arrayOf(value).flatMap((item) => {
    const token = readToken(item);
    if (token === undefined) return [];
    const top = arrayOf(objectOf(item)?.['top_logprobs']).map(readToken);
    return [{ ...token, top: top.filter((other) => other !== undefined) }];
  });
}

function readToken(value: JsonValue): Omit<TokenLogprob, 'top'> | undefined {
  const token = stringOf(objectOf(value)?.['token']);
  const logprob = objectOf(value)?.['logprob'];
  if (token === undefined || typeof logprob !== 'number') return undefined;
  const bytes = arrayOf(objectOf(value)?.['bytes']).filter((byte) => typeof byte === 'number');
  return { token, logprob, ...(bytes.length > 0 && { bytes }) };
}
