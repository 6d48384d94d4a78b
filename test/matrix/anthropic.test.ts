import { anthropic0, anthropic1 } from './clients/anthropic.ts';
import { testMatrix } from './matrix.ts';

testMatrix(anthropic1, anthropic0);
