// OpenAI's Speech: text in, audio out as it is made. Priced by the characters of `input`, which the
// provider has read once it sends its first byte; no answer tells of them, so they are counted here.
// https://platform.openai.com/docs/api-reference/audio/createSpeech

import type { JsonObject, JsonValue } from '../../base/json.ts';
import { DIRECT, inspectDirect, readReply } from '../direct.ts';
import { isSet, readName, unpriced } from '../fields.ts';
import type { DirectProtocol, RequestFacts } from '../protocol.ts';

export const openaiSpeech: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-speech',
  upstreamPath: () => '/audio/speech',
  answer: 'flowing',
  inspectRequest,
  readUsage,
});

function inspectRequest(body: JsonObject): RequestFacts {
  return inspectDirect(body, [], () => {
    // Events carry a usage in tokens, by which the models that send them are priced.
    const format = body['stream_format'];
    if (isSet(format) && format !== 'audio') throw unpriced('stream_format');
    return {
      choices: 1,
      units: { characters: countCharacters(readName(body['input'], 'input')) },
    };
  });
}

/** Unicode code points, spaces and line ends included. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** For JSON that came in the place of audio. */
function readUsage(body: JsonValue | undefined): undefined {
  readReply(body);
}
