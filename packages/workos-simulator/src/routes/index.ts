/** The WorkOS API, one file per resource, each a thin layer over `state/`. */
import { Hono } from 'hono';
import { Refusal, type World } from '../state/index.ts';
import { type EventStreamManners, eventRoutes } from './events.ts';
import { invitationRoutes } from './invitations.ts';
import { membershipRoutes } from './memberships.ts';
import { organizationRoutes } from './organizations.ts';
import { environmentRoleRoutes, organizationRoleRoutes } from './roles.ts';
import { userRoutes } from './users.ts';

export { eventJson, type EventStreamManners, expireOld } from './events.ts';
export { commaList, pathParameter, readBody, readQuery } from './input.ts';

/** The API of one environment, without authentication, limits or faults. */
export function createApi(world: World, manners: EventStreamManners): Hono {
  const app = new Hono();
  organizationRoutes(app, world);
  userRoutes(app, world);
  membershipRoutes(app, world);
  environmentRoleRoutes(app, world);
  organizationRoleRoutes(app, world);
  invitationRoutes(app, world);
  eventRoutes(app, world, manners);
  app.notFound((c) => c.json({ message: 'Not Found', error: 'Not Found' }, 404));
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json(error.body, error.status);
    throw error;
  });
  return app;
}
