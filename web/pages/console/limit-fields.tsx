// The fields of what a key may do and how much. Each empty field is no limit; what a limit does when
// it is reached stands above them.

import { Checkbox, MultiSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ModelsReply } from '../../../src/console/contract.ts';
import { modelsQuery } from '../../api/queries.ts';
import { exactCount } from '../../parts/counts.ts';
import { isCount, type LimitFields, MOST, SCOPES } from './key-limits.ts';

/** More would make the list of a large catalogue slow; typing narrows it. */
const MOST_OPTIONS = 100;

export interface LimitFieldsProps {
  readonly fields: LimitFields;
  readonly change: (fields: LimitFields) => void;
}

export function LimitFieldset(props: LimitFieldsProps) {
  const { fields, change } = props;
  return (
    <div className="stack">
      <p className="dimmed">
        A request beyond a rate is refused with status 429 and the seconds to wait; one that the key
        may not make, with 403; every one after the expiry, with 401. A refused request costs
        nothing.
      </p>
      <ScopeChecks {...props} />
      <CatalogueSelects {...props} />
      <CountInput {...props} name="requestsPerMinute" label="Requests per minute" />
      <CountInput
        {...props}
        name="tokensPerMinute"
        label="Tokens per minute"
        description="Input and output together."
      />
      <CountInput {...props} name="concurrency" label="Requests at once" />
      <Textarea
        label="IP ranges"
        description="Addresses or ranges such as 203.0.113.0/24, one a line. Empty: from everywhere."
        autoComplete="off"
        spellCheck={false}
        autosize
        minRows={1}
        maxRows={6}
        value={fields.ipRanges}
        onChange={(event) => change({ ...fields, ipRanges: event.currentTarget.value })}
      />
      <TextInput
        type="datetime-local"
        label="Expires"
        description="In your local time. Empty: never."
        value={fields.expiresAt}
        onChange={(event) => change({ ...fields, expiresAt: event.currentTarget.value })}
      />
    </div>
  );
}

function ScopeChecks({ fields, change }: LimitFieldsProps) {
  return (
    <Checkbox.Group
      label="May"
      value={[...fields.scopes]}
      error={fields.scopes.length === 0 && 'A key needs at least one.'}
      onChange={(chosen) => {
        const scopes = SCOPES.map(({ id }) => id).filter((id) => chosen.includes(id));
        change({ ...fields, scopes });
      }}
    >
      {SCOPES.map(({ id, name, what }) => (
        <Checkbox key={id} value={id} label={name} description={what} mt={8} />
      ))}
    </Checkbox.Group>
  );
}

function CatalogueSelects({ fields, change }: LimitFieldsProps) {
  const { data } = useQuery(modelsQuery);
  const providers = providersOf(data);
  const shared = {
    searchable: true,
    clearable: true,
    limit: MOST_OPTIONS,
    nothingFoundMessage: 'Nothing in the catalogue matches.',
    comboboxProps: { withinPortal: false, transitionProps: { duration: 0 } },
  };
  return (
    <>
      <MultiSelect
        {...shared}
        label="Models"
        description="Type to find one. Empty: every model of this hub."
        clearButtonProps={{ 'aria-label': 'Clear models' }}
        data={[
          { group: 'All of a provider', items: providers.map((id) => `${id}/*`) },
          { group: 'Models', items: data?.models.map(({ id }) => id) ?? [] },
        ]}
        value={[...fields.models]}
        onChange={(models) => change({ ...fields, models })}
      />
      <MultiSelect
        {...shared}
        label="Providers"
        description="Who may serve its requests. Empty: every provider."
        clearButtonProps={{ 'aria-label': 'Clear providers' }}
        data={providers}
        value={[...fields.providers]}
        onChange={(chosen) => change({ ...fields, providers: chosen })}
      />
    </>
  );
}

interface CountInputProps extends LimitFieldsProps {
  readonly name: keyof typeof MOST;
  readonly label: string;
  readonly description?: string;
}

function CountInput({ fields, change, name, label, description }: CountInputProps) {
  const isGood = isCount(fields[name], MOST[name]);
  return (
    <TextInput
      label={label}
      description={description}
      placeholder="No limit"
      inputMode="numeric"
      autoComplete="off"
      value={fields[name]}
      error={!isGood && `A whole number from 1 to ${exactCount(MOST[name])}.`}
      onChange={(event) => change({ ...fields, [name]: event.currentTarget.value.trim() })}
    />
  );
}

function providersOf(reply: ModelsReply | undefined): string[] {
  return [...new Set(reply?.models.map(({ provider }) => provider))].toSorted();
}
