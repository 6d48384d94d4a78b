// The columns of the table: what is asked, how much at once, and in which unit its cost is given.

import type { Protocol } from './bodies.ts';
import type { Transport } from './upstreams.ts';

export interface Cell {
  readonly id: string;
  /** As it stands at the head of a column. */
  readonly title: string;
  readonly unit: 'request' | 'event';
  readonly transport: Transport;
  /** The protocol that clients speak. */
  readonly protocol: Protocol;
  /** The protocol of the model's provider; another one than the client's is translated. */
  readonly provider: Protocol;
  readonly answer: string;
  readonly bytes: number;
  readonly clients: number;
  /** The cell to which a translated one is held, instead of nginx. */
  readonly base?: string;
}

const JSON_CLIENTS = 50;
const STREAMS = 80;
const PACED = 'paced:50:5';

const CHAT = { transport: 'http', protocol: 'chat', provider: 'chat', bytes: 2_048 } as const;
const json = { ...CHAT, unit: 'request', answer: 'json', clients: JSON_CLIENTS } as const;
const canned = { ...CHAT, unit: 'request', answer: 'canned', clients: JSON_CLIENTS } as const;
const paced = { ...CHAT, unit: 'event', answer: PACED, clients: STREAMS } as const;
const tls = { transport: 'https' } as const;

export const CELLS: readonly Cell[] = Object.freeze([
  { ...json, id: 'json', title: 'JSON, 2 KB' },
  { ...json, id: 'json100k', title: 'JSON, 100 KB', bytes: 100 * 1_024 },
  { ...canned, id: 'canned', title: 'canned SSE' },
  { ...paced, id: 'paced', title: 'paced SSE, an event' },
  { ...json, ...tls, id: 'tls-json', title: 'JSON, 2 KB, TLS' },
  { ...json, ...tls, id: 'tls-json100k', title: 'JSON, 100 KB, TLS', bytes: 100 * 1_024 },
  { ...canned, ...tls, id: 'tls-canned', title: 'canned SSE, TLS' },
  { ...paced, ...tls, id: 'tls-paced', title: 'paced SSE, an event, TLS' },
  {
    ...paced,
    id: 'messages-paced',
    title: 'Messages, paced, an event',
    protocol: 'messages',
    provider: 'messages',
  },
  {
    ...paced,
    id: 'chat-to-messages',
    title: 'chat → Messages, paced, an event',
    provider: 'messages',
    base: 'paced',
  },
  {
    ...paced,
    id: 'messages-to-chat',
    title: 'Messages → chat, paced, an event',
    protocol: 'messages',
    base: 'messages-paced',
  },
]);

export const isTranslated = ({ protocol, provider }: Cell): boolean => protocol !== provider;
