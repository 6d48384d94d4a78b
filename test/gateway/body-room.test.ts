import { describe, expect, it } from 'vitest';
import { openBodyRoom } from '../../src/gateway/body-room.ts';
import type { Inbound } from '../../src/http/inbound.ts';

const client = (): Inbound => ({ onGone: undefined }) as unknown as Inbound;

/** Whether a promise is settled once everything that is due has run. */
async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  let settled = false;
  promise?.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('the memory for bodies', () => {
  it('lets in at once what fits', () => {
    const room = openBodyRoom(100);
    expect(room.enter(60, client())).toBeUndefined();
    expect(room.enter(40, client())).toBeUndefined();
  });

  it('makes the others wait in their order until there is room', async () => {
    const room = openBodyRoom(100);
    void room.enter(60, client());
    const large = room.enter(80, client());
    const small = room.enter(10, client());
    expect([await isSettled(large), await isSettled(small)]).toEqual([false, false]);
    room.leave(60);
    expect([await isSettled(large), await isSettled(small)]).toEqual([true, true]);
    expect(await isSettled(room.enter(11, client()))).toBe(false);
  });

  it('forgets a client that goes while it waits', async () => {
    const room = openBodyRoom(100);
    void room.enter(60, client());
    const leaver = client();
    const large = room.enter(80, leaver);
    const small = room.enter(30, client());
    leaver.onGone?.();
    await expect(large).rejects.toMatchObject({ code: 'client_closed' });
    await small;
    room.leave(90);
    expect(room.enter(100, client())).toBeUndefined();
  });

  it('gives a body that is larger than all of it the whole of it', async () => {
    const room = openBodyRoom(100);
    expect(room.enter(500, client())).toBeUndefined();
    const next = room.enter(1, client());
    expect(await isSettled(next)).toBe(false);
    room.leave(500);
    await next;
  });
});
