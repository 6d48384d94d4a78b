// The field for a password that somebody chooses, with the judgement of it in words. Length is the
// only rule of the form; the hub refuses what is too easy to guess.

import { PasswordInput } from '@mantine/core';
import { useId } from 'react';
import { useStrength } from './strength.ts';

const PASSWORD_MIN = 12;

const WORDS = [
  'Guessed at once.',
  'Too easy to guess.',
  'Good enough.',
  'Hard to guess.',
  'Very hard to guess.',
];
const GOOD_ENOUGH = 2;

export interface NewPasswordProps {
  readonly label: string;
  readonly password: string;
  readonly type: (password: string) => void;
  /** Name and address of the person, which a password should not be made of. */
  readonly about: readonly string[];
  readonly isRefused: boolean;
}

export function NewPassword({ label, password, type, about, isRefused }: NewPasswordProps) {
  const meterId = useId();
  return (
    <div>
      <PasswordInput
        name="password"
        label={label}
        description={`At least ${PASSWORD_MIN} characters, such as a few words that do not belong together.`}
        autoComplete="new-password"
        aria-details={meterId}
        required
        minLength={PASSWORD_MIN}
        maxLength={256}
        value={password}
        onChange={(event) => type(event.currentTarget.value)}
        error={isRefused}
      />
      <Meter id={meterId} password={password} about={about} />
    </div>
  );
}

interface MeterProps {
  readonly id: string;
  readonly password: string;
  readonly about: readonly string[];
}

/** Keeps its room when it is empty, so that nothing jumps at the first letter. */
function Meter({ id, password, about }: MeterProps) {
  const strength = useStrength(password, about);
  return (
    <div id={id} className="strength" data-level={strength?.level}>
      <div className="strength-bar" aria-hidden="true" />
      <p role="status">
        {strength && WORDS[strength.level]}{' '}
        {strength && strength.level < GOOD_ENOUGH && strength.hint}
      </p>
    </div>
  );
}
