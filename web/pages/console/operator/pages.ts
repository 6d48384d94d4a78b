// The operator's pages as a bundle of their own: customers never load it.

export { MailsPage } from './mails.tsx';
export { PricesPage } from './prices.tsx';
export { ReconciliationPage } from './reconciliation.tsx';
export { ReviewsPage } from './reviews.tsx';
