// The price data that the package genai-prices carries, in the form of its feed. The package has no
// list of its providers, so they are asked for by name.

import { findProvider } from '@pydantic/genai-prices';
import { type PriceFeed, readFeed } from '../../src/catalog/feed.ts';
import { isFed } from '../../src/catalog/feed-changes.ts';
import { LISTINGS } from '../../src/catalog/listings.ts';

/** Providers none of whose prices can be had from the feed, to be told why. */
const NOT_FED = ['perplexity'];

/** Of the providers whose rows the catalogue's offers name. */
export function packagedFeed(): PriceFeed {
  const named = LISTINGS.filter(isFed).map(({ feed: { key } }) => key.slice(0, key.indexOf('/')));
  const providers = [...new Set([...named, ...NOT_FED])].map((providerId) =>
    findProvider({ providerId }),
  );
  const feed = readFeed(providers);
  if (!feed) throw new Error('The package has its data in another form than before.');
  return feed;
}
