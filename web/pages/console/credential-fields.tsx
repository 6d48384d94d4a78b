// The fields that adding and changing a provider key share: the secret, and when it is used.

import { PasswordInput, Radio } from '@mantine/core';
import type { CredentialMode } from '../../../src/console/contract-credentials.ts';

/** What the hub takes: it goes into a header. */
export const SECRET = /^[\x21-\x7e]{16,2048}$/;

export interface SecretInputProps {
  readonly label: string;
  readonly description: string;
  readonly secret: string;
  readonly type: (secret: string) => void;
  readonly isRequired: boolean;
}

export function SecretInput({ label, description, secret, type, isRequired }: SecretInputProps) {
  return (
    <PasswordInput
      label={label}
      description={description}
      required={isRequired}
      autoComplete="off"
      spellCheck={false}
      value={secret}
      error={secret !== '' && !SECRET.test(secret) && 'At least 16 characters, without spaces.'}
      onChange={(event) => type(event.currentTarget.value.trim())}
      visibilityToggleButtonProps={{ 'aria-label': 'Show what was typed', tabIndex: 0 }}
    />
  );
}

export interface ModeChoiceProps {
  readonly mode: CredentialMode;
  readonly choose: (mode: CredentialMode) => void;
}

export function ModeChoice({ mode, choose }: ModeChoiceProps) {
  return (
    <Radio.Group
      label="Used"
      value={mode}
      onChange={(value) => choose(value === 'only' ? 'only' : 'first')}
    >
      <Radio
        value="first"
        label="First"
        description="Where it is refused or fails, the hub's own key serves, at the usual price."
      />
      <Radio
        value="only"
        label="Only"
        description="The hub's own key is never used with this provider: requests fail instead."
      />
    </Radio.Group>
  );
}
