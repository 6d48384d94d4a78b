// Stands beside the router and shows the question "is it still you?" whenever a call waits for its
// answer. The dialog is a bundle of its own: few visits need it.

import { lazy, Suspense, useSyncExternalStore } from 'react';
import { isProofAsked, watchProof } from '../api/reauthentication.ts';

const ProofDialog = lazy(() =>
  import('./proof-dialog.tsx').then((module) => ({ default: module.ProofDialog })),
);

export function Reauthentication() {
  const isAsked = useSyncExternalStore(watchProof, isProofAsked);
  return <Suspense>{isAsked && <ProofDialog />}</Suspense>;
}
