// The two fields of a limit: how many dollars, and in which span of time.

import { NativeSelect, TextInput } from '@mantine/core';
import type { Span } from '../../../src/console/contract.ts';

/** What the hub takes as a limit. */
export const LIMIT = /^\d{1,7}(\.\d{1,9})?$/;
const LIMIT_WORDS = 'A number from 0 to 9999999, such as 20 or 12.50.';

const SPAN_CHOICES: readonly { readonly value: Span; readonly label: string }[] = [
  { value: 'daily', label: 'A day (UTC)' },
  { value: 'weekly', label: 'A week (from Monday, UTC)' },
  { value: 'monthly', label: 'A month (UTC)' },
  { value: 'total', label: 'In total, never renewed' },
];

export function SpanSelect({ span, choose }: { span: Span; choose: (span: Span) => void }) {
  return (
    <NativeSelect
      label="For"
      data={SPAN_CHOICES.map((choice) => ({ ...choice }))}
      value={span}
      onChange={(event) => {
        const chosen = SPAN_CHOICES.find(({ value }) => value === event.currentTarget.value);
        if (chosen) choose(chosen.value);
      }}
    />
  );
}

export interface LimitInputProps {
  readonly limitUsd: string;
  readonly type: (limitUsd: string) => void;
  readonly description: string;
}

export function LimitInput({ limitUsd, type, description }: LimitInputProps) {
  return (
    <TextInput
      label="Limit in dollars"
      description={description}
      inputMode="decimal"
      autoComplete="off"
      leftSection="$"
      value={limitUsd}
      error={limitUsd !== '' && !LIMIT.test(limitUsd) && LIMIT_WORDS}
      onChange={(event) => type(event.currentTarget.value.trim())}
    />
  );
}
