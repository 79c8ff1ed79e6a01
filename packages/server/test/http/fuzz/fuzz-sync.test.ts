import { fireAt } from './volleys.ts';
import { partOf } from './split.ts';

await fireAt((endpoint) => partOf(endpoint) === 'sync');
