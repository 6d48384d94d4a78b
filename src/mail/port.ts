// What every way of sending takes, and how it says that it could not: whether another try may help,
// and why in one word that names nobody. The server's own words quote addresses and stay unread.

export interface Message {
  /** The mail's own id. */
  readonly id: string;
  /** Stable for a mail, so that whoever gets it twice sees one. */
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Transport {
  readonly kind: 'smtp' | 'outbox';
  /** Resolves once somebody else answers for the message; throws a `MailFailure`. */
  send(message: Message, signal: AbortSignal): Promise<void>;
  close(): void;
}

export class MailFailure extends Error {
  /** Such as `smtp_550` or `etimedout`. */
  readonly code: string;
  /** Whether the same message can never be taken. */
  readonly isPermanent: boolean;

  constructor(code: string, isPermanent: boolean) {
    super(`The message was not taken (${code})`);
    this.name = 'MailFailure';
    this.code = code;
    this.isPermanent = isPermanent;
  }
}
