// What stands at an address that leads nowhere.

import { Link } from '@tanstack/react-router';
import { PageHead } from '../parts/page.tsx';
import { PublicFrame } from '../parts/public-frame.tsx';

export function NotFoundPage() {
  return (
    <PublicFrame>
      <PageHead title="Nothing is here" sentence="No page of this hub has this address." />
      <p>
        Go to the <Link to="/">front page</Link>, the <Link to="/models">models</Link> or the{' '}
        <Link to="/console">console</Link>.
      </p>
    </PublicFrame>
  );
}
