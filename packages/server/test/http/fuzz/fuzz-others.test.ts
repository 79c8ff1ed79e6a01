import { fireAt } from './volleys.ts';
import { isOfRoles } from './split.ts';

await fireAt((endpoint) => !isOfRoles(endpoint));
