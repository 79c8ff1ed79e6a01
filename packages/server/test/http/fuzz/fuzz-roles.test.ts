import { fireAt } from './volleys.ts';
import { isOfRoles } from './split.ts';

await fireAt(isOfRoles);
