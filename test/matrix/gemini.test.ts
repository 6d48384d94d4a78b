import { gemini } from './clients/gemini.ts';
import { testMatrix } from './matrix.ts';

testMatrix(gemini);
