// OpenAI's Embeddings. Priced by the tokens of the input; nothing of it can be lowered. Clients decode
// what they asked for without a look at it, so a reply in the other encoding is written anew.
// https://platform.openai.com/docs/api-reference/embeddings

import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { DIRECT, inspectDirect, readReply, readTokens } from '../direct.ts';
import { invalid } from '../fields.ts';
import type { DirectProtocol, RequestFacts } from '../protocol.ts';
import { rewriteVectors } from './vectors.ts';

export const openaiEmbeddings: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-embeddings',
  upstreamPath: () => '/embeddings',
  inspectRequest,
  readUsage,
  rewriteReply: rewriteVectors,
});

function inspectRequest(body: JsonObject): RequestFacts {
  return inspectDirect(body, ['stream'], () => {
    assertInput(body['input'], 'input', 1);
    return {
      choices: 1,
      answerFormat: body['encoding_format'] === 'base64' ? 'base64' : 'float',
    };
  });
}

/** A text, a list of token numbers, or a list of either. */
function assertInput(value: JsonValue | undefined, path: string, levels: number): void {
  if (typeof value === 'string' && value !== '') return;
  if (!Array.isArray(value) || value.length === 0 || levels < 0) {
    throw invalid(
      path,
      `\`${path}\` must be a text or a list of texts or tokens, none of it empty.`,
    );
  }
  if (value.every((item) => Number.isSafeInteger(item))) return;
  for (const [i, item] of value.entries()) assertInput(item, `${path}[${i}]`, levels - 1);
}

function readUsage(body: JsonValue | undefined): ReportedUsage | undefined {
  const usage = readReply(body)['usage'];
  if (!isObject(usage)) return undefined;
  return readTokens(usage['prompt_tokens'], undefined, usage['total_tokens']);
}
