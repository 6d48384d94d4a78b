// Who makes the signatures that this protocol's own fields hold bare. Claude makes them on Bedrock as
// well as on Anthropic's API, but the newest are bound to the account that they were made for, and
// an account of the one is none of the other: so neither's go to the other.

export const MAKER = 'bedrock-converse';
