// How hard the password in a field is to guess, as it is typed. The judge is loaded with the first
// letter; where it does not load, the page says nothing and the hub still judges.

import { useEffect, useState } from 'react';

export interface StrengthQuestion {
  readonly password: string;
  /** What the person is called: the first thing that others try. */
  readonly about: readonly string[];
}

export interface Strength {
  /** From 0, guessed at once, to 4; the hub takes it from 2 on. */
  readonly level: number;
  /** What makes it easy to guess, or how to make it harder. */
  readonly hint: string | null;
}

export function useStrength(password: string, about: readonly string[]): Strength | undefined {
  const [strength, setStrength] = useState<Strength>();
  const [worker, setWorker] = useState<Worker>();
  const isAsked = password !== '';
  useEffect(() => {
    if (!isAsked) return;
    const started = new Worker(new URL('./strength-worker.ts', import.meta.url), {
      type: 'module',
    });
    started.addEventListener('message', ({ data }: MessageEvent<Strength>) => setStrength(data));
    setWorker(started);
    return () => started.terminate();
  }, [isAsked]);
  const names = about.join('\n');
  useEffect(() => {
    const question: StrengthQuestion = { password, about: names.split('\n').filter(Boolean) };
    worker?.postMessage(question);
  }, [worker, password, names]);
  return isAsked ? strength : undefined;
}
