// The operator's pages as a bundle of their own: customers never load it.

export { ReconciliationPage } from './reconciliation.tsx';
export { ReviewsPage } from './reviews.tsx';
