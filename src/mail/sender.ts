// Sends what is due, one message at a time on every node. A message is taken for a bounded time, made
// with its link, and given to the transport outside any transaction, so that a slow server holds up no
// database. If the node dies before it says that it is done, another sends the same message again.

import type { Clock } from '../base/clock.ts';
import { waitAtMost } from '../base/deadline.ts';
import { type Log, framesOf } from '../base/log.ts';
import { type Database, type Sql, inTransaction, sqlState } from '../db/database.ts';
import { watchChanges } from '../db/watch.ts';
import { composeMail } from './compose.ts';
import { type DueMail, MOST_ATTEMPTS, markDone, markFailed, takeDueMail } from './due.ts';
import type { Outbox } from './outbox.ts';
import { MailFailure, type Message, type Transport } from './port.ts';
import { MAILS_CHANNEL } from './queue.ts';
import type { MadeLink } from './templates.ts';

/** How long one try may take in all. */
const SEND_MS = 90_000;
/** How much longer the message stays this node's: clocks run unevenly, and processes are held up. */
const SPARE_MS = 30_000;
/** How long a stop lets the message that is under way go on, and how long it waits for its end. */
const LAST_MS = 3_000;
const STOP_MS = 5_000;
const SWEEP_MS = 3_600_000;

/** Makes the link of a message as it is made, or says that it is of no use any more. */
export type LinkMaker = (tx: Sql, mail: DueMail, wallMs: number) => Promise<MadeLink | 'drop'>;

export interface SenderDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: Transport;
  /** `Name <hub@example.com>`. */
  readonly from: string;
  /** The folder whose messages go with the mails that are forgotten. */
  readonly outbox: Outbox;
  /** Where people reach the hub, without a slash at the end. */
  readonly publicUrl: string;
  readonly makeLink: LinkMaker;
  /** How long one try may take in all. */
  readonly sendMs?: number;
}

export interface Sender {
  /** Waits a bounded time for what is under way. */
  stop(): Promise<void>;
}

/** Sends until it is stopped: at every notification, and every second anyway. */
export async function startSender(deps: SenderDeps): Promise<Sender> {
  const [stopping, abandoning] = [new AbortController(), new AbortController()];
  let running: Promise<void> | undefined;
  let again = false;
  let isStalled = false;

  const sendAll = async (): Promise<void> => {
    try {
      while (again && !stopping.signal.aborted) {
        again = false;
        while (!stopping.signal.aborted && (await sendNext(deps, abandoning.signal)));
      }
      isStalled = false;
    } catch (error) {
      // Once for as long as the database is away, not every second.
      if (!isStalled) logTrouble(deps.log, 'mail_stalled', error);
      isStalled = true;
    }
  };
  const wake = async (): Promise<void> => {
    again = true;
    running ??= sendAll().finally(() => {
      running = undefined;
    });
  };
  const sweep = (): void => {
    const { outbox, database, clock, log } = deps;
    outbox
      .sweep(database.sql, clock.wallMs())
      .catch((error) => logTrouble(log, 'outbox_not_swept', error));
  };
  const watch = await watchChanges(deps.database, MAILS_CHANNEL, wake);
  await wake();
  sweep();
  const sweeping = setInterval(sweep, SWEEP_MS);
  return {
    async stop() {
      stopping.abort();
      clearInterval(sweeping);
      await watch.close();
      await waitAtMost(LAST_MS, running);
      abandoning.abort();
      await waitAtMost(STOP_MS - LAST_MS, running);
    },
  };
}

/** Sends the message that is due the longest; false where there is none. */
async function sendNext(deps: SenderDeps, abandoning: AbortSignal): Promise<boolean> {
  const { database, clock, transport, sendMs = SEND_MS } = deps;
  const startedMs = clock.monotonicMs();
  const mail = await takeDueMail(database.sql, sendMs + SPARE_MS);
  if (!mail) return false;
  const leftMs = Math.max(0, Math.floor(sendMs - (clock.monotonicMs() - startedMs)));
  const signal = AbortSignal.any([AbortSignal.timeout(leftMs), abandoning]);
  try {
    // Whoever tried it last never came to say how that ended.
    if (mail.attempt > MOST_ATTEMPTS) throw new MailFailure('abandoned', true);
    const made = await inTransaction(database.sql, (tx) => deps.makeLink(tx, mail, clock.wallMs()));
    if (made !== 'drop') await transport.send(await composeMessage(deps, mail, made), signal);
  } catch (error) {
    await noteFailure(deps, mail, error);
    return true;
  }
  await markDone(database.sql, mail);
  return true;
}

/** What does not come from the transport is a fault in making it: a later version may succeed. */
async function noteFailure(deps: SenderDeps, mail: DueMail, error: unknown): Promise<void> {
  const isRefusal = error instanceof MailFailure;
  const code = isRefusal ? error.code : 'not_made';
  const isPermanent = isRefusal && error.isPermanent;
  const isGivenUp = await markFailed(deps.database.sql, mail, code, isPermanent);
  deps.log.warn(isGivenUp ? 'mail_given_up' : 'mail_not_sent', {
    mailId: mail.id,
    code,
    ...(!isRefusal && { sqlState: sqlState(error), frames: framesOf(error) }),
  });
}

async function composeMessage(deps: SenderDeps, mail: DueMail, made: MadeLink): Promise<Message> {
  const { from } = deps;
  const composed = await composeMail(mail.kind, mail.facts, made, deps.publicUrl);
  const host = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return { id: mail.id, messageId: `<${mail.id}@${host}>`, from, to: mail.address, ...composed };
}

function logTrouble(log: Log, event: string, error: unknown): void {
  log.error(event, { sqlState: sqlState(error), frames: framesOf(error) });
}
