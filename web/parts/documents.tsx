// Links to the documents that people accept. They open beside the page: who reads them is filling
// in a form.

import { Link } from '@tanstack/react-router';

export function TermsLink() {
  return (
    <Link to="/terms" target="_blank">
      terms
    </Link>
  );
}

export function PrivacyLink() {
  return (
    <Link to="/privacy" target="_blank">
      privacy policy
    </Link>
  );
}
