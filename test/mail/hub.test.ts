// Mail of whole hubs: several workers share one outbox, and the settings of SMTP are those that count.

import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import { type Yard, openYard } from '../host/worker-world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { startHub } from '../support/hub.ts';
import { startMailbox } from '../support/mailbox.ts';
import { queue, waitUntil } from './world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const NOTICE = {
  kind: 'policy_change',
  facts: { document: 'terms', version: '2', effective: '2027-01-01' },
} as const;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`mail of a hub: ${label}`, () => {
  let yard: Yard;
  beforeAll(async () => {
    yard = await openYard();
  });
  afterAll(() => yard.close());

  const queueMany = (count: number) =>
    yard.query(async (sql: Sql) => {
      const ids: string[] = [];
      for (let i = 0; i < count; i++) ids.push(await queue(sql, NOTICE));
      return ids.toSorted();
    });

  it('lands in the one outbox of all workers, each message once', async () => {
    const hub = await yard.start(2);
    const ids = await queueMany(12);
    const folder = join(hub.dataDir, 'outbox');
    await waitUntil(async () => {
      const names: string[] = await readdir(folder).catch(() => []);
      expect(names.toSorted()).toEqual(ids.map((id) => `${id}.json`));
    });
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const text = await readFile(join(folder, `${ids[0]}.json`), 'utf8');
    expect(text).toContain(`"${hub.baseUrl}/terms"`);
    expect(hub.output()).not.toContain('ada@example.com');
    await hub.stop();
  });

  it('goes by SMTP from MAIL_FROM, with links to PUBLIC_URL', async () => {
    const mailbox = await startMailbox();
    const hub = await startHub({
      env: {
        ...yard.env,
        SMTP_URL: mailbox.url,
        MAIL_FROM: 'The Hub <hub@hub.example>',
        PUBLIC_URL: 'https://hub.example',
      },
    });
    await queueMany(1);
    const mail = await mailbox.next('ada@example.com');
    expect(mail.messageId).toMatch(/^<msg_[0-9a-z]{26}@hub\.example>$/);
    expect(mail.text).toContain('https://hub.example/terms');
    expect(mail.html).toContain('href="https://hub.example/terms"');
    expect(await readdir(hub.dataDir)).not.toContain('outbox');
    await hub.stop();
    await mailbox.close();
  });
});
