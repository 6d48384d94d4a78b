// The proofs in the order in which pages and documents list them.

import type { Proof } from '../proof.ts';
import { balancesEqualEntries } from './balances-equal-entries.ts';
import { costsEqualInvoices } from './costs-equal-invoices.ts';
import { entriesSumToZero } from './entries-sum-to-zero.ts';
import { topUpsEqualProcessors } from './top-ups-equal-processors.ts';
import { usageEqualsCharges } from './usage-equals-charges.ts';

export const PROOFS: readonly Proof[] = Object.freeze([
  entriesSumToZero,
  balancesEqualEntries,
  usageEqualsCharges,
  topUpsEqualProcessors,
  costsEqualInvoices,
]);
