// A sender as a process of its own, which a test kills: the URLs of the database and of the SMTP
// server come by environment.

import { openPostgres } from '../../src/db/postgres.ts';
import { openSmtp } from '../../src/mail/smtp.ts';
import { startTestSender } from './world.ts';

const { MAIL_TEST_DATABASE = '', MAIL_TEST_SMTP = '' } = process.env;
await startTestSender(openPostgres(MAIL_TEST_DATABASE), openSmtp(MAIL_TEST_SMTP));
