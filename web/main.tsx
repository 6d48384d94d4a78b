// The web part's start: theme, query cache and router around one page.

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/mantine.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/pages.css';
import './styles/account.css';
import './styles/workspace.css';
import { createQueryClient } from './api/queries.ts';
import { forgetOneTimeTokenBeyond } from './parts/one-time-token.ts';
import { Reauthentication } from './parts/reauthentication.tsx';
import { router } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

const queryClient = createQueryClient();

// A new page begins at its top; a changed filter or an opened receipt stays where it is.
router.subscribe('onResolved', ({ pathChanged, toLocation }) => {
  if (pathChanged) window.scrollTo(0, 0);
  forgetOneTimeTokenBeyond(toLocation.pathname);
});

const container = document.getElementById('root');
if (!container) throw new Error('The page has no root element.');
createRoot(container).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Reauthentication />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
