export const HUB_NODE_ARGS: readonly string[];
