// The kinds of message, and what the words of each need beyond a link. Texts are names that people
// give and decimal amounts; times are ISO 8601.

export interface MailFacts {
  /** Its link confirms; to an address that has an account it says so instead. */
  confirm_sign_up: { readonly name: string };
  /** Sent to an address that has an account; nothing is sent to another. */
  reset_password: { readonly at: string };
  password_changed: { readonly at: string };
  /** To the new address: its link confirms. */
  confirm_email: { readonly name: string };
  /** To the old address, when a change is asked for (`done` false) and when it has happened. */
  email_changing: { readonly newEmail: string; readonly done: boolean };
  new_device: { readonly device: string; readonly ipPrefix: string | null; readonly at: string };
  second_factor_changed: {
    readonly change:
      | 'authenticator_added'
      | 'authenticator_removed'
      | 'passkey_added'
      | 'passkey_removed'
      | 'recovery_codes_renewed'
      | 'recovery_code_used'
      | 'google_linked'
      | 'google_unlinked';
    readonly at: string;
  };
  invitation: {
    readonly workspaceName: string;
    readonly invitedBy: string;
    readonly role: string;
  };
  low_balance: {
    readonly workspaceName: string;
    readonly balanceUsd: string;
    readonly thresholdUsd: string;
  };
  budget_reached: {
    readonly workspaceName: string;
    /** `key` or `member`, and its name. */
    readonly of: 'key' | 'member';
    readonly ownerName: string;
    readonly span: 'total' | 'daily' | 'weekly' | 'monthly';
    readonly limitUsd: string;
    /** 80 or 100. */
    readonly percent: number;
  };
  top_up_receipt: {
    readonly workspaceName: string;
    readonly amountUsd: string;
    readonly balanceUsd: string;
    readonly method: string;
    readonly at: string;
  };
  policy_change: {
    readonly document: string;
    readonly version: string;
    readonly effective: string;
  };
  deletion: { readonly at: string };
}
