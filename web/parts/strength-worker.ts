// Says how hard a password is to guess, as the hub will see it: by the same lists and up to the same
// length. In a worker, because both the lists and a check are long enough to be felt while typing.

import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { translations } from '@zxcvbn-ts/language-en';
import type { Strength, StrengthQuestion } from './strength.ts';

const MOST_WEIGHED = 40;
/** Guesses as powers of ten: below the first of them nearly nothing, from the last on very much. */
const STEPS = [6, 9, 11, 14];

const meter = new ZxcvbnFactory({
  dictionary: { passwords: dictionary['passwords-common'] },
  graphs: adjacencyGraphs,
  translations,
});

self.addEventListener('message', ({ data }: MessageEvent<StrengthQuestion>) => {
  const own = data.about.flatMap((text) => text.split(/[^\p{Letter}\p{Number}]+/u));
  const { guessesLog10, feedback } = meter.check(data.password.slice(0, MOST_WEIGHED), own);
  const level = STEPS.filter((step) => guessesLog10 >= step).length;
  const hint = feedback.warning ?? feedback.suggestions[0] ?? null;
  self.postMessage({ level, hint } satisfies Strength);
});
