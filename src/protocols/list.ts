// Every protocol that the hub speaks, to clients and to providers alike. A new one is its folder
// and one line here.

import { anthropicMessages } from './anthropic-messages/index.ts';
import { cohereChat } from './cohere-chat/index.ts';
import { ollamaChat } from './ollama-chat/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiCompletions } from './openai-completions/index.ts';
import { openaiEmbeddings } from './openai-embeddings/index.ts';
import { openaiImages } from './openai-images/index.ts';
import { openaiSpeech } from './openai-speech/index.ts';
import { openaiTranscriptions } from './openai-transcriptions/index.ts';
import type {
  ChatProtocol,
  ChatProtocolId,
  DirectProtocol,
  DirectProtocolId,
  ProviderProtocol,
  ProviderProtocolId,
} from './protocol.ts';
import { rerank } from './rerank/index.ts';

type Protocols = Readonly<
  Record<ChatProtocolId, ChatProtocol> &
    Record<ProviderProtocolId, ProviderProtocol> &
    Record<DirectProtocolId, DirectProtocol>
>;

export const PROTOCOLS: Protocols = Object.freeze({
  'openai-chat': openaiChat,
  'openai-completions': openaiCompletions,
  'anthropic-messages': anthropicMessages,
  'cohere-chat': cohereChat,
  'ollama-chat': ollamaChat,
  'openai-embeddings': openaiEmbeddings,
  'openai-images': openaiImages,
  'openai-speech': openaiSpeech,
  'openai-transcriptions': openaiTranscriptions,
  rerank,
});
