// Mail as a hub opens it: by SMTP where there is a server, into the outbox where there is none. What an
// outbox held from before is read and swept in either case.

import { type Outbox, openOutbox } from './outbox.ts';
import { type Sender, type SenderDeps, startSender } from './sender.ts';
import { openSmtp } from './smtp.ts';

/** Whom messages in the outbox come from, where nobody else is set. */
const NOBODY = 'InferenceHub <hub@localhost>';

export interface MailDeps extends Pick<SenderDeps, 'database' | 'clock' | 'log' | 'makeLink'> {
  readonly smtpUrl: string | undefined;
  /** Empty only without a server. */
  readonly mailFrom: string;
  /** The folder of the outbox. */
  readonly folder: string;
}

export interface Mail {
  readonly transport: 'smtp' | 'outbox';
  readonly read: Outbox['read'];
  /** Begins to send; links lead to this address, which has no slash at the end. */
  start(publicUrl: string): Promise<void>;
  close(): Promise<void>;
}

export function openMail({ smtpUrl, mailFrom, folder, ...deps }: MailDeps): Mail {
  const outbox = openOutbox(folder);
  const transport = smtpUrl === undefined ? outbox : openSmtp(smtpUrl);
  const from = mailFrom || NOBODY;
  let sender: Sender | undefined;
  return {
    transport: transport.kind,
    read: outbox.read,
    async start(publicUrl) {
      sender = await startSender({ ...deps, transport, outbox, from, publicUrl });
    },
    async close() {
      await sender?.stop();
      transport.close();
    },
  };
}
