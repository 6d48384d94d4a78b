// The words of those quirks that are about thinking: where it goes back, and how much of it there may be.

/**
 * Where a Chat provider takes thinking back: in a field of that name, as parts of the content, or
 * in the text between `<think>` tags, where it also sends it.
 */
export type ReasoningField =
  | 'reasoning_content'
  | 'reasoning'
  | 'reasoning_details'
  | 'content_parts'
  | 'think_tags';

/** In tokens. */
export interface ThinkingBudget {
  readonly least: number;
  readonly most: number;
  /** Whether the model can be told not to think at all. */
  readonly stops: boolean;
}
