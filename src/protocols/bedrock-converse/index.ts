// Amazon Bedrock's Converse, spoken to providers alone: its clients sign for a host, so that none could
// be pointed at a hub. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

import type { ProviderProtocol } from '../protocol.ts';
import { decodeEvents, decodeReply, isTerminal } from './decode-events.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError } from './errors.ts';

export const bedrockConverse = Object.freeze<ProviderProtocol>({
  id: 'bedrock-converse',
  kind: 'chat',
  framing: 'aws-event-stream',
  // An ARN has slashes and colons; it is one segment of the path.
  upstreamPath: ({ model, stream }) =>
    `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  encodeRequest,
  decodeEvents,
  decodeReply,
  decodeError,
  isTerminal,
});
