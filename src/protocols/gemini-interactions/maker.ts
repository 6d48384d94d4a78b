// Who makes the signatures that this protocol's own fields hold bare.

export const MAKER = 'gemini-interactions';
