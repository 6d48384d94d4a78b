// The fields that several of the console's contracts share.

import { z } from 'zod';
import { parseEmail } from '../identity/email-address.ts';

/** Nano-dollars as decimal text, because JSON has no bigint. */
export const nanos = z.string().regex(/^-?\d+$/);
export const time = z.iso.datetime();
/** Whatever way it is typed in, the routes get its one form. */
export const email = z
  .string()
  .max(320)
  .transform((text, issues) => {
    const parsed = parseEmail(text);
    if (parsed !== undefined) return parsed;
    issues.addIssue('This is no email address that mail can reach.');
    return z.NEVER;
  });
/** What people call themselves, their keys and their workspaces. */
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^\P{Cc}*$/u, 'Control characters are not allowed.');
/** A password that somebody chooses; one that is only checked may be anything. */
export const newPassword = z.string().min(12).max(256);
export const givenPassword = z.string().max(256);
/** The text behind the `#` of a one-time link. */
export const linkToken = z.string().max(200);
/** Dollars as decimal text. */
export const usd = z.string().regex(/^\d{1,7}(\.\d{1,9})?$/);
