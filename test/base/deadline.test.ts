import { describe, expect, test } from 'vitest';
import { waitAtMost, within } from '../../src/base/deadline.ts';

const never = new Promise<never>(() => undefined);
const failing = (): Promise<never> => Promise.reject(new Error('broken'));

describe('within', () => {
  test('gives what the work gives, success or failure', async () => {
    expect(await within(1_000, Promise.resolve(7), 'it')).toBe(7);
    await expect(within(1_000, failing(), 'it')).rejects.toThrow('broken');
  });

  test('names what took too long', async () => {
    await expect(within(5, never, 'the look-up')).rejects.toThrow(
      'the look-up took longer than 5 ms',
    );
  });
});

describe('waitAtMost', () => {
  test('waits for work that ends, and passes its failure on', async () => {
    let done = false;
    const work = Promise.resolve().then(() => void (done = true));
    await waitAtMost(1_000, work);
    expect(done).toBe(true);
    await expect(waitAtMost(1_000, failing())).rejects.toThrow('broken');
  });

  test('waits no longer than it may, and for nothing where there is nothing', async () => {
    await waitAtMost(5, never);
    await waitAtMost(1_000, undefined);
  });
});
