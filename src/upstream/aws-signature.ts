// Signatures of Amazon's requests, version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
// Amazon's own signer answers by promise and brings megabytes of helpers; this one is a few hashes in
// turn, so that sending stays one step. The tests hold it against that signer.

import { createHash, createHmac } from 'node:crypto';
import type { AwsKeys } from '../providers/provider.ts';

/** What a signature covers. */
export interface SignedRequest {
  readonly host: string;
  /** As it stands on the wire, without a query. */
  readonly path: string;
  readonly contentType: string;
  readonly body: readonly Buffer[];
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The headers that make it a signed one. */
export function signRequest(
  keys: AwsKeys,
  request: SignedRequest,
  wallMs: number,
): Record<string, string> {
  const time = new Date(wallMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = time.slice(0, 8);
  const payloadHash = sha256(...request.body);
  const own = {
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': time,
    ...(keys.sessionToken !== undefined && { 'x-amz-security-token': keys.sessionToken }),
  };
  // In the order of their names, as they must be.
  const covered = { 'content-type': request.contentType, host: request.host, ...own };
  const lines = Object.entries(covered).map(([name, value]) => `${name}:${value}\n`);
  const names = Object.keys(covered).join(';');
  const path = encodePath(request.path);
  const canonical = ['POST', path, '', lines.join(''), names, payloadHash].join('\n');
  const scope = `${date}/${keys.region}/${keys.service}/aws4_request`;
  const text = [ALGORITHM, time, scope, sha256(Buffer.from(canonical))].join('\n');
  const signature = hmac(signingKey(keys, date), text).toString('hex');
  const credential = `Credential=${keys.accessKeyId}/${scope}`;
  return {
    ...own,
    authorization: `${ALGORITHM} ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** Each segment once more on top of how it was sent: only S3 wants them as they are. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, encodeMark))
    .join('/');
}

/** A mark that encodeURIComponent leaves and RFC 3986 reserves. */
function encodeMark(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** A key for one day, region and service alone. */
function signingKey({ secretAccessKey, region, service }: AwsKeys, date: string): Buffer {
  const parts = [date, region, service, 'aws4_request'];
  return parts.reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(...parts: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
