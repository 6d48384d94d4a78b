// Which money the console shows: live dollars or the test book's play money. It stands in the
// address bar, so that every view is a link.

import { useSearch } from '@tanstack/react-router';
import type { Book } from '../../api/client.ts';

export function useBook(): Book {
  const { book } = useSearch({ from: '/console' });
  return book ?? 'live';
}
