// The console as one bundle: once it is open, its pages need nothing more from the hub, so that
// moving about works while the hub restarts.

export { ConsoleModelsPage } from '../models.tsx';
export { ActivityPage } from './activity.tsx';
export { ApiPage } from './api.tsx';
export { CredentialsPage } from './credentials.tsx';
export { ConsoleFrame } from './frame.tsx';
export { KeysPage } from './keys.tsx';
export { MembersPage } from './members.tsx';
export { OverviewPage } from './overview.tsx';
export { WorkspacePage } from './workspace-page.tsx';
