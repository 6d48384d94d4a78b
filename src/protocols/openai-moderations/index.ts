// OpenAI's moderation of texts and images. It is free, so nothing of it needs a bound; its replies tell
// of no usage. Clients may leave the model away, for there is one.
// https://platform.openai.com/docs/api-reference/moderations

import type { JsonObject, JsonValue } from '../../base/json.ts';
import { DIRECT, inspectDirect, readReply } from '../direct.ts';
import { invalid, isSet } from '../fields.ts';
import type { DirectProtocol, RequestFacts } from '../protocol.ts';

const DEFAULT_MODEL = 'omni-moderation-latest';

export const openaiModerations: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-moderations',
  upstreamPath: () => '/moderations',
  inspectRequest,
  readUsage,
});

function inspectRequest(body: JsonObject): RequestFacts {
  const model = isSet(body['model']) ? body['model'] : DEFAULT_MODEL;
  return inspectDirect({ ...body, model }, ['stream'], () => {
    const { input } = body;
    if (typeof input !== 'string' && !(Array.isArray(input) && input.length > 0)) {
      throw invalid('input', '`input` must be a text, or a list of texts or parts.');
    }
    return { choices: 1 };
  });
}

/** There is none; but what is no reply is found. */
function readUsage(body: JsonValue | undefined): undefined {
  readReply(body);
}
