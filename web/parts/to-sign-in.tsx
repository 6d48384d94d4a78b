// Leads who is not signed in to the sign-in page, with the way back to where they were.

import { Navigate, useLocation } from '@tanstack/react-router';
import { useState } from 'react';

export function ToSignIn() {
  // Kept from the first look: while the router is on its way, the location is the sign-in page's.
  const href = useLocation({ select: (location) => location.href });
  const [back] = useState(href);
  return <Navigate to="/sign-in" search={{ back }} replace />;
}
