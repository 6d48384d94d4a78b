// Which test would fail if a fault of accounts and of the site could happen: taking over an account,
// guessing one, acting from another site, writing what is read as something else. Held to the files by
// test/tidy.

import type { Proof } from './coverage.ts';

const GOOGLE = 'console/google.test.ts';
const GOOGLE_ACCOUNT = 'console/google-account.test.ts';
const SIGN_UP = 'console/sign-up.test.ts';
const RESET = 'console/password-reset.test.ts';
const FRONTIER = 'console/frontier.test.ts';
const ACCOUNT = 'console/account.test.ts';
const MANAGEMENT_KEYS = 'console/management-keys.test.ts';
const PEOPLE = 'faults/people.test.ts';

export const PEOPLE_FAULTS: readonly Proof[] = Object.freeze([
  {
    claim: 'who registers an address first, and does not own it, has nothing of the account',
    tests: {
      [SIGN_UP]: [
        'gives an attacker nothing when the owner of the address opens the link',
        'gives an address to the first of several sign-ups that is confirmed',
      ],
      [GOOGLE]: [
        'leaves nothing of a sign-up that somebody else began for the address',
        'does not sign in to an account with a password because the address is the same',
      ],
    },
  },
  {
    claim: 'an account at Google is its subject, never an address',
    tests: {
      [GOOGLE]: [
        'signs in whom it knows, by the subject, whatever their address is by now',
        'gives an address that has passed to another subject nothing of its former owner',
        'makes no account of an unverified address, and tells nothing about it',
      ],
      [GOOGLE_ACCOUNT]: ['links nothing that is somebody else’s'],
    },
  },
  {
    claim: "another's id is not there, wherever it stands; an id in a body counts for nothing",
    tests: {
      'console/roles.test.ts': [
        '%s …%s lets those in whose role it is for, and answers others as if it were not there',
      ],
      [ACCOUNT]: [
        'is nobody else’s, and nothing of it is there without a session',
        'ends one, all others, or this one with its cookie, and none of other people',
      ],
      'console/passkeys.test.ts': [
        'is renamed and removed by its person alone, and removed it opens nothing',
      ],
      'console/keys.test.ts': [
        'are nothing to strangers, whatever they name, and nothing changes',
        'are made for who asks, whoever the body names',
      ],
      'console/workspaces.test.ts': ['take no owner and no id from a body'],
      'console/openapi.test.ts': [
        'has every route that the console serves, and none that it does not',
      ],
    },
  },
  {
    claim: 'links in mails are canonical, whatever host a request names',
    tests: { [PEOPLE]: ['lead to the hub itself, whatever a request says: %o'] },
  },
  {
    claim: 'tokens of mails work once, are kept as hashes, and end; a reset ends all sessions',
    tests: {
      'identity/links.test.ts': [
        'works once, also for twenty at the same time',
        'does not work for another purpose, nor with another text',
        'keeps no token',
      ],
      [SIGN_UP]: [
        'makes one account of twenty confirmations at once',
        'keeps neither token nor password',
      ],
      [RESET]: [
        'works once, also for twenty at the same time',
        'ends after an hour, and when a newer link is made',
        'ends all sessions and all other links of the person',
        'leaves no session of whoever signs in with the old password meanwhile',
      ],
    },
  },
  {
    claim: 'sessions and keys of whoever has gone are dead',
    tests: {
      'keys/cache.test.ts': [
        'is dead when its maker is removed from the workspace, known already or not',
        'is dead under all its texts once it is revoked',
      ],
      'console/members.test.ts': [
        'leave with their keys, which every gateway forgets within a second',
      ],
      [MANAGEMENT_KEYS]: ['end with their revocation, their expiry, and when their maker has left'],
      'identity/sessions.test.ts': ['go with their person'],
    },
  },
  {
    claim: 'text, code, rows and limits are the same for every address; time is proven by hand',
    tests: {
      'console/enumeration.test.ts': [
        '%s answers the same for every address, up to its limit',
        '%s refuses %o the same for every address',
        'leaves the same rows behind for every address',
      ],
      'console/session.test.ts': [
        'says the same for a wrong password, an unknown address, and no password at all',
      ],
      [ACCOUNT]: ['is not told apart from one that has an account, and never takes that'],
    },
  },
  {
    claim: 'an address is normalised first and judged then; one that looks like another is refused',
    tests: {
      'identity/email-address.test.ts': [
        'typed as %s is kept as %s',
        'that looks like another by %s is refused',
        'that can be no mailbox is refused: %j',
      ],
    },
  },
  {
    claim: 'other sites change nothing, sign nobody in, frame nothing and send nobody elsewhere',
    tests: {
      [FRONTIER]: [
        'a change with the cookie and %o is answered with %i',
        'believes no Host: a name that is pointed at the hub is another site',
        'lets no other site sign a browser in, or up',
        'takes JSON alone, of a bounded size',
        'sends a strict policy, and on plain http nothing that insists on https',
      ],
      [GOOGLE]: [
        'takes an answer once, and in the browser that asked',
        'takes no answer with the state %j',
        'leads to no place such as %j',
      ],
      [MANAGEMENT_KEYS]: ['in a page of another site change nothing'],
      'console/apps.test.ts': ['are never sent to %j'],
      'journeys/page-texts.test.ts': ['never leads to %j'],
    },
  },
  {
    claim: 'names are text: in pages, mails and the cells of a spreadsheet',
    tests: {
      'console/keys.test.ts': ['may be called anything that is text: it stays text'],
      'mail/templates.test.ts': ['of the kind %s take names for text'],
      'journeys/page-texts.test.ts': [
        'quotes what would break a line, and defuses formulas in free text',
        'leaves of %j no formula for any spreadsheet',
      ],
    },
  },
  {
    claim: 'what a stolen session must not do asks for a recent proof, by whichever way there is',
    tests: {
      [ACCOUNT]: ['is asked for anew, by password, and gives a new cookie'],
      [GOOGLE_ACCOUNT]: [
        'proves once more who it is by a fresh sign-in at Google, under a new cookie',
      ],
      'console/passkeys.test.ts': [
        'is added and removed after a recent proof only, which a passkey can be',
      ],
      'console/keys.test.ts': ['get a text only from who has proved lately who they are'],
      'journeys/reauthentication.test.ts': [
        'is asked for anew; cancelling leaves the page as it was',
      ],
    },
  },
  {
    claim: 'a session that was planted is worth nothing, and a line break in a log is none',
    tests: {
      'console/session.test.ts': [
        'gives a new session at every sign-in and ends the old one of that browser',
      ],
      'console/second-factor.test.ts': [
        'asks after the password, opens nothing before, and gives a new cookie after',
      ],
      [GOOGLE]: [
        'has one cookie all the way, another one at its end, and the first is worth nothing',
      ],
      [PEOPLE]: ['has one line for each event, whatever is in its fields'],
    },
  },
]);
