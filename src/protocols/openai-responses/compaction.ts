// OpenAI's compaction of a conversation into items that stand for it, which its models alone can
// read: never translated, priced by the tokens that the reply reports.
// https://platform.openai.com/docs/api-reference/responses/compact

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { DIRECT, inspectDirect, readReply } from '../direct.ts';
import type { DirectProtocol, RequestFacts } from '../protocol.ts';
import { editPrompt } from './edits.ts';
import { refuseStored, weighInput } from './facts.ts';
import { readUsage } from './usage.ts';

export const openaiCompaction: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-compaction',
  upstreamPath: () => '/responses/compact',
  inspectRequest,
  editRequest: editPrompt,
  readUsage: (body: JsonValue | undefined): ReportedUsage | undefined => readUsage(readReply(body)),
});

function inspectRequest(body: JsonObject): RequestFacts {
  return {
    ...inspectDirect(body, ['tools', 'stream'], () => {
      refuseStored(body);
      return { choices: 1 };
    }),
    ...weighInput(body['input']),
  };
}
