import { openaiChat } from './clients/openai-chat.ts';
import { openaiResponses } from './clients/openai-responses.ts';
import { testMatrix } from './matrix.ts';

testMatrix(openaiChat, openaiResponses);
