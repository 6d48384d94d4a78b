// Which passwords are good enough: twelve characters, no rules of composition, and not one that is
// guessed early: a common one, one that repeats itself, or one made of the person's own name. All of
// it is decided here, so that no password is shown to a service that collects leaked ones.

import { type ZxcvbnFactory, type ZxcvbnResult } from '@zxcvbn-ts/core';
import { HubError } from '../base/errors.ts';

const LEAST_CHARACTERS = 12;
/** What is beyond is not weighed: 40 characters take at most 14 ms, 64 take 56, 240 over a second. */
const MOST_WEIGHED = 40;
/** As a power of ten. `summer2026!!` is 8.0, twelve random letters and digits are 12. */
const LEAST_GUESSES = 9;
/** What must be left of a password without the person's own words. */
const LEAST_REST = 6;
const LEAST_OWN_WORD = 3;
const ADVICE = 'Three or four words that do not belong together are hard to guess.';

/**
 * Throws `password_weak` with the reason in words. `own` is what others know of the person: their
 * name and address.
 */
export async function requireGoodPassword(password: string, own: readonly string[]): Promise<void> {
  const fault = await findFault(password.normalize('NFKC'), splitWords(['inferencehub', ...own]));
  if (fault === undefined) return;
  throw new HubError('password_weak', { message: `${fault} ${ADVICE}`, param: 'password' });
}

async function findFault(password: string, own: readonly string[]): Promise<string | undefined> {
  if (password.length < LEAST_CHARACTERS) {
    return `The password has fewer than ${LEAST_CHARACTERS} characters.`;
  }
  if (isMadeOf(password, own)) {
    return 'The password is little more than your own name or address.';
  }
  const weighed = (await openEstimator()).check(password.slice(0, MOST_WEIGHED), [...own]);
  return weighed.guessesLog10 < LEAST_GUESSES ? explain(weighed) : undefined;
}

/** Lower case, the longest first. */
function splitWords(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) =>
      text
        .normalize('NFKC')
        .toLowerCase()
        .split(/[^\p{Letter}\p{Number}]+/u),
    )
    .filter((word) => word.length >= LEAST_OWN_WORD)
    .toSorted((a, b) => b.length - a.length);
}

function isMadeOf(password: string, own: readonly string[]): boolean {
  const whole = password.toLowerCase();
  let rest = whole;
  for (const word of own) rest = rest.replaceAll(word, '');
  return rest !== whole && rest.replace(/[^\p{Letter}\p{Number}]/gu, '').length < LEAST_REST;
}

const REASONS: Readonly<Record<string, string>> = Object.freeze({
  simpleRepeat: 'The password repeats itself.',
  extendedRepeat: 'The password repeats itself.',
  straightRow: 'The password follows a row of keys.',
  keyPattern: 'The password follows the keys of a keyboard.',
  sequences: 'The password counts up or down.',
  recentYears: 'The password is mostly a year.',
  dates: 'The password is mostly a date.',
});

function explain({ feedback, sequence }: ZxcvbnResult): string {
  const reason = REASONS[feedback.warning ?? ''];
  if (reason !== undefined) return reason;
  const isKnown = sequence.some(({ pattern }) => pattern === 'dictionary');
  return isKnown
    ? 'The password is built on one of the most used passwords.'
    : 'The password is too easy to guess.';
}

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Loaded when it is first needed: its words take 60 ms and some memory. */
function openEstimator(): Promise<ZxcvbnFactory> {
  estimator ??= loadEstimator();
  return estimator;
}

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const { ZxcvbnFactory: Factory } = await import('@zxcvbn-ts/core');
  const { dictionary, adjacencyGraphs } = await import('@zxcvbn-ts/language-common');
  const passwords = dictionary['passwords-common'];
  return new Factory({ dictionary: { passwords }, graphs: adjacencyGraphs });
}
