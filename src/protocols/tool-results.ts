// Results of tool calls for protocols whose tool messages hold text alone: images follow in a
// message of the user's, and a failed call is told by its text.

import type { ImagePart, ToolResult } from '../chat/request.ts';
import { untranslatable } from './fields.ts';

/** Throws `unsupported_parameter` for a file. */
export function resultText({ content, isError }: ToolResult): string {
  const texts = content.flatMap((part) => {
    if (part.type === 'file') throw untranslatable('messages.content.type');
    return part.type === 'text' ? [part.text] : [];
  });
  const hasImages = texts.length < content.length;
  const text = texts.length === 0 && hasImages ? 'The image follows.' : texts.join('\n');
  return isError ? `Error: ${text}` : text;
}

export function resultImages(results: readonly ToolResult[]): ImagePart[] {
  return results.flatMap(({ content }) => content.filter((part) => part.type === 'image'));
}
