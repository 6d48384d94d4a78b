// Frames of Amazon's event streams as Amazon's own encoder writes them.

import { EventStreamCodec } from '@smithy/eventstream-codec';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text),
);

type Headers = Parameters<typeof codec.encode>[0]['headers'];

/** A frame with these headers and this payload. */
export function frame(headers: Headers, payload: string): Buffer {
  return Buffer.from(codec.encode({ headers, body: Buffer.from(payload) }));
}

const text = (value: string) => ({ type: 'string' as const, value });

/** An event as Bedrock sends it, its padding included. */
export function eventFrame(type: string, payload: object): Buffer {
  return frame(
    {
      ':event-type': text(type),
      ':content-type': text('application/json'),
      ':message-type': text('event'),
    },
    JSON.stringify({ ...payload, p: 'abcdefghij' }),
  );
}

export function exceptionFrame(type: string, message: string): Buffer {
  return frame(
    {
      ':exception-type': text(type),
      ':content-type': text('application/json'),
      ':message-type': text('exception'),
    },
    JSON.stringify({ message }),
  );
}

/** A failure of the service below Bedrock: told in headers, without a payload. */
export function errorFrame(code: string, message: string): Buffer {
  return frame(
    {
      ':error-code': text(code),
      ':error-message': text(message),
      ':message-type': text('error'),
    },
    '',
  );
}
