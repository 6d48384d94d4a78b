// One subject of the settings: its name, one sentence, and what can be done about it.

import { type ReactNode, useId } from 'react';

export interface SettingsSectionProps {
  readonly title: string;
  readonly sentence: ReactNode;
  readonly children?: ReactNode;
}

export function SettingsSection({ title, sentence, children }: SettingsSectionProps) {
  const id = useId();
  return (
    <section className="card stack" aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        <p className="dimmed">{sentence}</p>
      </div>
      {children}
    </section>
  );
}
