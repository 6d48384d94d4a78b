import { aiChat, aiCompatible, aiResponses } from './clients/ai-sdk.ts';
import { testMatrix } from './matrix.ts';

testMatrix(aiResponses, aiChat, aiCompatible);
