// Amazon Bedrock in one region, https://docs.aws.amazon.com/bedrock/latest/userguide/. Answers are not
// kept there, nor shown to the makers of the models.

import type { Provider } from './provider.ts';

export const bedrock = Object.freeze<Provider>({
  id: 'bedrock',
  name: 'Amazon Bedrock',
  baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
  aws: { service: 'bedrock', usualRegion: 'us-east-1' },
  protocols: ['bedrock-converse'],
  auth: 'aws',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: false },
  headers: {},
  openCatalog: false,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['us', 'global'] },
});
