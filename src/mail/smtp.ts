// Sending by SMTP over one pooled connection. Passwords and messages cross a network only under TLS
// where there is a password to lose; on loopback nothing leaves the machine, and no certificate fits.

import { BlockList, isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { type Message, MailFailure, type Transport } from './port.ts';

const CONNECT_MS = 10_000;
/** How long the server may say nothing in the middle of a message. */
const SILENCE_MS = 30_000;
/** Says that there must be a password or TLS first (RFC 4954): nothing about the recipient. */
const AUTHENTICATION_REQUIRED = 530;

export function openSmtp(smtpUrl: string): Transport {
  const pool = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 1,
    // Once, for a connection that the server closed while it was idle.
    maxRequeues: 1,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...tlsOf(new URL(smtpUrl)),
  });
  return {
    kind: 'smtp',
    async send({ id: _, to, ...message }: Message, signal) {
      // One address, whatever is in it: as plain text it would be read as a list.
      const recipient = { name: '', address: to };
      const headers = { 'Auto-Submitted': 'auto-generated' };
      try {
        await pool.sendMail({ ...message, to: recipient, headers, signal });
      } catch (error) {
        throw signal.aborted ? new MailFailure('timeout', false) : failureOf(error);
      }
    },
    close: () => pool.close(),
  };
}

function tlsOf({ protocol, hostname, password }: URL) {
  if (protocol === 'smtps:') return {};
  if (isLoopback(hostname)) return { ignoreTLS: true };
  return { requireTLS: password !== '' };
}

function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (address === 'localhost') return true;
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** A refusal of the recipient or of the message is final; one of the hub itself can be mended. */
function failureOf(error: unknown): MailFailure {
  const { code, command, responseCode } = error as Partial<Record<string, unknown>>;
  if (typeof responseCode === 'number') {
    const isOfTheMessage = command === 'RCPT TO' || command === 'DATA';
    const isFinal = responseCode >= 500 && responseCode !== AUTHENTICATION_REQUIRED;
    return new MailFailure(`smtp_${responseCode}`, isOfTheMessage && isFinal);
  }
  const isWord = typeof code === 'string' && /^[A-Za-z0-9_]{1,30}$/.test(code);
  return new MailFailure(isWord ? code.toLowerCase() : 'failed', false);
}
