// Copying: a button that says when it has copied, and code blocks that carry one.

import { ActionIcon, Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { CheckIcon, CopyIcon } from './icons.tsx';

const SAID_FOR_MS = 1_500;

/** An icon button that copies; `what` completes its name: "Copy base URL". */
export function CopyIconButton({ text, what }: { text: string; what: string }) {
  const clipboard = useClipboard({ timeout: SAID_FOR_MS });
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={clipboard.copied ? `Copied ${what}` : `Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => clipboard.copy(text)}
    >
      {clipboard.copied ? <CheckIcon /> : <CopyIcon />}
    </ActionIcon>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const clipboard = useClipboard({ timeout: SAID_FOR_MS });
  return (
    <Button
      leftSection={clipboard.copied ? <CheckIcon /> : <CopyIcon />}
      onClick={() => clipboard.copy(text)}
    >
      {clipboard.copied ? 'Copied' : `Copy ${what}`}
    </Button>
  );
}

/** Lines of code that scroll by themselves, with a copy button at their top right. */
export function CodeBlock({ code, what }: { code: string; what: string }) {
  return (
    <div className="code-block">
      <pre tabIndex={0} aria-label={what}>
        <code>{code}</code>
      </pre>
      <CopyIconButton text={code} what={what} />
    </div>
  );
}

/** One value in one line, such as a base URL, with its copy button. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className="copy-line">
      <code>{text}</code>
      <CopyIconButton text={text} what={what} />
    </div>
  );
}
