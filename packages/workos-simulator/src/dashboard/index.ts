/** The people behind the API: whoever clicks in the dashboard, and the customers' directories. */
import type { World } from '../state/index.ts';
import { bindActions, type BoundActions } from './action.ts';
import { directoryActions } from './directory-actions.ts';
import { organizationActions } from './organization-actions.ts';
import { peopleActions } from './people-actions.ts';
import { roleActions } from './role-actions.ts';

export { type Action, type ActionResult } from './action.ts';

/** Everything a person in the dashboard can do. */
export const dashboardActions = { ...organizationActions, ...roleActions, ...peopleActions };

export { directoryActions };

export type Dashboard = BoundActions<typeof dashboardActions>;
export type DirectoryControl = BoundActions<typeof directoryActions>;

/** The dashboard of an environment. */
export function createDashboard(world: World): Dashboard {
  return bindActions(world, dashboardActions);
}

/** The directories of an environment's customers. */
export function createDirectoryControl(world: World): DirectoryControl {
  return bindActions(world, directoryActions);
}
