// Which page stands at which address. The console and the catalogue are separate bundles, so that
// the front page stays light. Search parameters are plain text: every view is a readable link.

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import type { Book } from './api/client.ts';
import { BrokenPage } from './pages/broken.tsx';
import { FrontPage } from './pages/front.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { internalPath } from './parts/internal-path.ts';
import { keepInvitationToken } from './parts/invitation-token.ts';
import { type LinkedPath, keepOneTimeToken } from './parts/one-time-token.ts';

/** `book` is absent for live money: the usual address is the short one. */
export interface ConsoleSearch {
  readonly book?: Exclude<Book, 'live'>;
  /** The id of the workspace; once an address has it, the links on its page have it too. */
  readonly workspace?: string;
}

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const frontRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: FrontPage,
});

const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/models',
  validateSearch: (search) => keepText(search, 'q'),
  component: lazyRouteComponent(() => import('./pages/models.tsx'), 'ModelsPage'),
});

const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/welcome',
  beforeLoad: ({ location }) => takeToken('/welcome', location.hash),
  component: lazyRouteComponent(() => import('./pages/welcome.tsx'), 'WelcomePage'),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search) => ({ ...keepBack(search), ...keepText(search, 'failed') }),
  beforeLoad: ({ location, search }) => takeToken('/sign-in', location.hash, search),
  component: lazyRouteComponent(() => import('./pages/sign-in/page.tsx'), 'SignInPage'),
});

const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-up',
  validateSearch: keepBack,
  component: lazyRouteComponent(() => import('./pages/sign-up/page.tsx'), 'SignUpPage'),
});

const confirmRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/confirm',
  beforeLoad: ({ location }) => takeToken('/confirm', location.hash),
  component: lazyRouteComponent(() => import('./pages/confirm.tsx'), 'ConfirmPage'),
});

const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset',
  beforeLoad: ({ location }) => takeToken('/reset', location.hash),
  component: lazyRouteComponent(() => import('./pages/reset.tsx'), 'ResetPage'),
});

const confirmEmailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/confirm-email',
  beforeLoad: ({ location }) => takeToken('/confirm-email', location.hash),
  component: lazyRouteComponent(() => import('./pages/confirm-email.tsx'), 'ConfirmEmailPage'),
});

const provenRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/proven',
  validateSearch: (search) => keepText(search, 'failed'),
  component: lazyRouteComponent(() => import('./pages/proven.tsx'), 'ProvenPage'),
});

const termsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/terms',
  component: lazyRouteComponent(() => import('./pages/terms.tsx'), 'TermsPage'),
});

const privacyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/privacy',
  component: lazyRouteComponent(() => import('./pages/privacy.tsx'), 'PrivacyPage'),
});

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation',
  beforeLoad: ({ location }) => {
    if (!location.hash) return;
    keepInvitationToken(location.hash);
    throw redirect({ to: '/invitation', replace: true });
  },
  component: lazyRouteComponent(() => import('./pages/invitation.tsx'), 'InvitationPage'),
});

/** Where apps send people who shall give them a key; the parameters are the app's own. */
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/auth',
  validateSearch: (search) => ({
    ...keepText(search, 'callback_url'),
    ...keepText(search, 'code_challenge'),
    ...keepText(search, 'code_challenge_method'),
    ...keepText(search, 'name'),
  }),
  component: lazyRouteComponent(() => import('./pages/app-request.tsx'), 'AppRequestPage'),
});

const consoleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/console',
  validateSearch: (search): ConsoleSearch => ({
    ...(search['book'] === 'test' && { book: 'test' }),
    ...keepText(search, 'workspace'),
  }),
  search: { middlewares: [retainSearchParams<ConsoleSearch>(['workspace'])] },
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'ConsoleFrame'),
});

const overviewRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'OverviewPage'),
});

const keysRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/keys',
  validateSearch: (search) => ({
    ...keepText(search, 'q'),
    ...keepText(search, 'state'),
    ...keepText(search, 'key'),
  }),
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'KeysPage'),
});

const credentialsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/credentials',
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'CredentialsPage'),
});

const membersRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/members',
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'MembersPage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/settings',
  validateSearch: (search) => keepText(search, 'failed'),
  component: lazyRouteComponent(() => import('./pages/console/settings/page.tsx'), 'SettingsPage'),
});

const workspaceRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/workspace',
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'WorkspacePage'),
});

const apiRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/api',
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'ApiPage'),
});

const activityRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/activity',
  validateSearch: (search) => keepText(search, 'receipt'),
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'ActivityPage'),
});

const consoleModelsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/models',
  validateSearch: (search) => keepText(search, 'q'),
  component: lazyRouteComponent(() => import('./pages/console/pages.ts'), 'ConsoleModelsPage'),
});

const reconciliationRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/operator/reconciliation',
  component: lazyRouteComponent(
    () => import('./pages/console/operator/pages.ts'),
    'ReconciliationPage',
  ),
});

const reviewsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/operator/reviews',
  validateSearch: (search) => keepText(search, 'request'),
  component: lazyRouteComponent(() => import('./pages/console/operator/pages.ts'), 'ReviewsPage'),
});

const pricesRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/operator/prices',
  component: lazyRouteComponent(() => import('./pages/console/operator/pages.ts'), 'PricesPage'),
});

const mailsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/operator/mail',
  component: lazyRouteComponent(() => import('./pages/console/operator/pages.ts'), 'MailsPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    frontRoute,
    modelsRoute,
    welcomeRoute,
    signInRoute,
    signUpRoute,
    confirmRoute,
    resetRoute,
    confirmEmailRoute,
    provenRoute,
    termsRoute,
    privacyRoute,
    invitationRoute,
    appRoute,
    consoleRoute.addChildren([
      overviewRoute,
      keysRoute,
      credentialsRoute,
      membersRoute,
      settingsRoute,
      workspaceRoute,
      apiRoute,
      activityRoute,
      consoleModelsRoute,
      reconciliationRoute,
      reviewsRoute,
      pricesRoute,
      mailsRoute,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: BrokenPage,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return text.size > 0 ? `?${text}` : '';
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** Takes the token of a link out of the address bar before the page is drawn. */
function takeToken(to: LinkedPath, hash: string, search = {}): void {
  if (!hash) return;
  keepOneTimeToken(to, hash);
  throw redirect({ to, search, replace: true });
}

/** Where the reader was going; undefined takes the place of an address that leaves this site. */
function keepBack(search: Record<string, unknown>): { back?: string | undefined } {
  return { back: internalPath(search['back'], window.location.origin) };
}

/** One parameter of the address, if it is there and not empty. */
function keepText<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): { [name in Name]?: string } {
  const text = search[name];
  return typeof text === 'string' && text !== ''
    ? ({ [name]: text } as { [name in Name]: string })
    : {};
}
