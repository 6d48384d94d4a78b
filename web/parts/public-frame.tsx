// The frame of the pages that anyone may read: a slim bar above, the page below, and the
// documents that its readers accept at the end.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { Logo } from './logo.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

export function PublicFrame({ children }: { children: ReactNode }) {
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="public-bar">
        <Link to="/" className="brand">
          <Logo />
          InferenceHub
        </Link>
        <nav aria-label="Site">
          <Link to="/models" className="bar-link">
            Models
          </Link>
          <ThemeSwitch />
          <EntryButton />
        </nav>
      </header>
      <main id="content" className="public-main" tabIndex={-1}>
        {children}
      </main>
      <footer className="public-foot">
        <Link to="/terms" className="bar-link">
          Terms
        </Link>
        <Link to="/privacy" className="bar-link">
          Privacy policy
        </Link>
      </footer>
    </>
  );
}

/** Leads a signed-in reader to the console, everyone else to the sign-in page. */
function EntryButton() {
  const { data } = useQuery(sessionQuery);
  const isSignedIn = Boolean(data?.person);
  return (
    <Button
      variant="default"
      size="compact-md"
      className="entry-button"
      renderRoot={(props) => <Link to={isSignedIn ? '/console' : '/sign-in'} {...props} />}
    >
      {isSignedIn ? 'Open console' : 'Sign in'}
    </Button>
  );
}
