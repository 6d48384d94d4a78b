// Every protocol that the hub speaks, to clients and to providers alike. A new one is its folder
// and one line here.

import { anthropicMessages } from './anthropic-messages/index.ts';
import { gemini } from './gemini/index.ts';
import { geminiBatchEmbeddings, geminiEmbeddings } from './gemini-embeddings/index.ts';
import { geminiInteractions } from './gemini-interactions/index.ts';
import { bedrockConverse } from './bedrock-converse/index.ts';
import { cohereChat } from './cohere-chat/index.ts';
import { cohereEmbeddings } from './cohere-embeddings/index.ts';
import { cohereRerank } from './cohere-rerank/index.ts';
import { ollamaChat } from './ollama-chat/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiCompletions } from './openai-completions/index.ts';
import { openaiEmbeddings } from './openai-embeddings/index.ts';
import { openaiImageEdits } from './openai-images/edits.ts';
import { openaiCompaction } from './openai-responses/compaction.ts';
import { openaiResponses } from './openai-responses/index.ts';
import { openaiImages } from './openai-images/index.ts';
import { openaiImageVariations } from './openai-images/variations.ts';
import { openaiModerations } from './openai-moderations/index.ts';
import { openaiSpeech } from './openai-speech/index.ts';
import { openaiTranscriptions } from './openai-transcriptions/index.ts';
import { openaiTranslations } from './openai-transcriptions/translations.ts';
import type {
  ChatProtocol,
  ChatProtocolId,
  Dialect,
  DialectId,
  DirectProtocol,
  DirectProtocolId,
  ProviderProtocol,
  ProviderProtocolId,
} from './protocol.ts';
import { rerank } from './rerank/index.ts';
import { voyageRerank } from './voyage-rerank/index.ts';

type Protocols = Readonly<
  Record<ChatProtocolId, ChatProtocol> &
    Record<ProviderProtocolId, ProviderProtocol> &
    Record<DirectProtocolId, DirectProtocol> &
    Record<DialectId, Dialect>
>;

export const PROTOCOLS: Protocols = Object.freeze({
  'openai-chat': openaiChat,
  'openai-completions': openaiCompletions,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  'bedrock-converse': bedrockConverse,
  'cohere-chat': cohereChat,
  'ollama-chat': ollamaChat,
  gemini,
  'gemini-interactions': geminiInteractions,
  'gemini-embeddings': geminiEmbeddings,
  'gemini-batch-embeddings': geminiBatchEmbeddings,
  'openai-embeddings': openaiEmbeddings,
  'openai-image-edits': openaiImageEdits,
  'openai-image-variations': openaiImageVariations,
  'openai-images': openaiImages,
  'openai-moderations': openaiModerations,
  'openai-speech': openaiSpeech,
  'openai-transcriptions': openaiTranscriptions,
  'openai-translations': openaiTranslations,
  'openai-compaction': openaiCompaction,
  rerank,
  'cohere-embeddings': cohereEmbeddings,
  'cohere-rerank': cohereRerank,
  'voyage-rerank': voyageRerank,
});
