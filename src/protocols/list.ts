// Every protocol that the hub speaks, to clients and to providers alike. A new one is its folder
// and one line here.

import { anthropicMessages } from './anthropic-messages/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import type { Protocol, ProtocolId } from './protocol.ts';

export const PROTOCOLS: Readonly<Record<ProtocolId, Protocol>> = Object.freeze({
  'openai-chat': openaiChat,
  'anthropic-messages': anthropicMessages,
});
