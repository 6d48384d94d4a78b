// Output caps and counts of answers that are no counts: refused by name, in the client's dialect,
// before anything is held or sent.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAT, CLAUDE, type Customer, type World, ask, balanceOf, call } from './world.ts';
import { openWorld, receiptOf } from './world.ts';

const GRANT_NANOS = 10_000_000_000n;

/** As JSON text, because 1e309 is no number that JSON.stringify would write. */
const NO_COUNTS = ['-1', '2147483648', '1e309', '"10"', '1.5', 'true', '[]', '{}'];

const FIELDS = [
  { model: CHAT, field: 'max_tokens' },
  { model: CHAT, field: 'max_completion_tokens' },
  { model: CHAT, field: 'n' },
  { model: CLAUDE, field: 'max_tokens' },
  // By the other protocol than the provider's own, where the body is translated.
  { model: CHAT, field: 'max_tokens', path: '/v1/messages' },
  { model: CLAUDE, field: 'max_completion_tokens', path: '/v1/chat/completions' },
];

describe('a cap or count that is none', () => {
  let world: World;
  let customer: Customer;
  beforeAll(async () => {
    world = await openWorld();
    customer = await world.customer(GRANT_NANOS);
  });
  afterAll(() => world.close());

  for (const { model, field, path } of FIELDS) {
    it(`is refused in ${field} for ${model}${path === undefined ? '' : ` by ${path}`}`, async () => {
      let refused: Response | undefined;
      for (const value of NO_COUNTS) {
        const { [field]: _, ...rest } = ask(model);
        const body = `{"${field}":${value},${JSON.stringify(rest).slice(1)}`;
        const response = await call(world.hub, customer.liveKey, body, {
          path: path ?? (model === CLAUDE ? '/v1/messages' : '/v1/chat/completions'),
        });
        const reply = (await response.json()) as Record<string, unknown>;
        expect([value, response.status]).toEqual([value, 400]);
        if ((path ?? '') === '/v1/messages' || (model === CLAUDE && path === undefined)) {
          expect(reply).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
          expect(JSON.stringify(reply)).toContain(`${field}: `);
        } else {
          expect(reply).toMatchObject({ error: { type: 'invalid_request_error', param: field } });
        }
        refused = response;
      }
      const receipt = await receiptOf(world.hub, customer.liveKey, refused!);
      expect(receipt).toMatchObject({ holdNanos: '0', chargeNanos: '0', attempts: 0 });
    });
  }

  it('costs nothing and never reaches the provider', async () => {
    expect(world.upstream.asked).toEqual([]);
    expect(await balanceOf(world.hub, customer.liveKey)).toBe(GRANT_NANOS);
  });
});
