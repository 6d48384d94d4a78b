// The field for an address, as every form has it.

import { TextInput, type TextInputProps } from '@mantine/core';

export function EmailInput(props: TextInputProps) {
  return <TextInput name="email" label="Email" type="email" required maxLength={254} {...props} />;
}
