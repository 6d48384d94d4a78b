// The one question "is it still you?". A call that the hub answers with `reauthentication_required`
// waits here while the dialog (parts/reauthentication.tsx) asks; calls that come meanwhile wait for
// the same answer.

interface Question {
  readonly answer: Promise<boolean>;
  readonly settle: (isProven: boolean) => void;
}

let question: Question | undefined;
const listeners = new Set<() => void>();

/** Resolves with whether the person has proven who they are; false where they did not want to. */
export function proveAgain(): Promise<boolean> {
  if (!question) {
    const { promise: answer, resolve: settle } = Promise.withResolvers<boolean>();
    question = { answer, settle };
    tell();
  }
  return question.answer;
}

export function answerProof(isProven: boolean): void {
  question?.settle(isProven);
  question = undefined;
  tell();
}

export function isProofAsked(): boolean {
  return question !== undefined;
}

export function watchProof(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
