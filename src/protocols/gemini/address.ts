// Where a model is asked: `/models/{model}:{method}`, for conversations and embeddings alike.

/** The path below a provider's base URL; slashes in a model's name stay as they are. */
export function modelPath(model: string, method: string): string {
  return `/models/${encodeURIComponent(model).replaceAll('%2F', '/')}:${method}`;
}
