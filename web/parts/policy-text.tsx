// The frame of a document that people accept: its version, which is the day on which it took effect,
// and its text in short sections.

import type { ReactNode } from 'react';
import { PageHead } from './page.tsx';
import { PublicFrame } from './public-frame.tsx';
import { SkeletonText } from './skeleton.tsx';

export interface PolicyTextProps {
  readonly title: string;
  /** Empty until the hub has answered. */
  readonly version: string;
  readonly children: ReactNode;
}

export function PolicyText({ title, version, children }: PolicyTextProps) {
  return (
    <PublicFrame>
      <article className="policy-text">
        <PageHead
          title={title}
          sentence={version === '' ? <SkeletonText width={220} /> : <Version version={version} />}
        />
        {children}
      </article>
    </PublicFrame>
  );
}

function Version({ version }: { version: string }) {
  const day = new Date(version).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return (
    <>
      Version {version}, in force since <time dateTime={version}>{day}</time>
    </>
  );
}
