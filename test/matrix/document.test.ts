// The document has a table of each client and of nobody else; what stands in them is held by the tests
// of the clients, which also write it: MATRIX_WRITE=1 npm test -- test/matrix --no-file-parallelism

import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Client } from './client.ts';
import * as aiSdk from './clients/ai-sdk.ts';
import * as anthropic from './clients/anthropic.ts';
import * as gemini from './clients/gemini.ts';
import { interactions } from './clients/interactions.ts';
import { openaiChat } from './clients/openai-chat.ts';
import { openaiResponses } from './clients/openai-responses.ts';
import { PROVIDERS } from './providers.ts';
import { documentedTitles } from './table.ts';

const CLIENTS: Readonly<Record<string, Client>> = {
  openaiChat,
  openaiResponses,
  ...anthropic,
  ...gemini,
  interactions,
  ...aiSdk,
};

it('tells of every client and of no other', () => {
  const titles = documentedTitles(PROVIDERS.map(({ title }) => title));
  expect(titles.toSorted()).toEqual(
    Object.values(CLIENTS)
      .map(({ title }) => title)
      .toSorted(),
  );
});

it('runs every client', () => {
  const folder = new URL('./', import.meta.url);
  const run = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8');
      return /^testMatrix\((.*)\);$/m.exec(text)?.[1]?.split(', ') ?? [];
    });
  expect(run.toSorted()).toEqual(Object.keys(CLIENTS).toSorted());
});
