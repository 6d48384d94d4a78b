import { aiAnthropic, aiGoogle } from './clients/ai-sdk.ts';
import { testMatrix } from './matrix.ts';

testMatrix(aiAnthropic, aiGoogle);
