import { gemini } from './clients/gemini.ts';
import { interactions } from './clients/interactions.ts';
import { testMatrix } from './matrix.ts';

testMatrix(gemini, interactions);
