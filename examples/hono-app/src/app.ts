/** A document workspace: three routes, each guarded by one line. */
// #region quickstart
import { definePolicy, organizationKind } from '@rolecall/policy';
import { createRolecall, hasCode, type PrincipalHandle, type Rolecall } from '@rolecall/server';
import { Hono } from 'hono';

// What may be done, declared in code: a misspelt scope does not compile.
export const policy = definePolicy({
  kinds: {
    org: organizationKind,
    document: { actions: { read: {}, write: { implies: ['read'] } } },
  },
  system_roles: { admin: 'all', member: ['org:read', 'document:read'] },
});
type Scope = (typeof policy.scopes)[number]['scope'];
interface Env {
  readonly Variables: { user: PrincipalHandle<Scope> };
}

export function createApp(rolecall: Rolecall<Scope>, documents: Map<string, string>): Hono<Env> {
  const app = new Hono<Env>();
  app.use('/:org/*', async (c, next) => {
    // One state of who may do what, for the whole request; every question is then synchronous.
    const user = `user:${c.req.header('x-user') ?? ''}` as const;
    c.set('user', await rolecall.access.principal(c.req.param('org'), user));
    await next();
  });
  app.get('/:org/documents', (c) =>
    c.json(c.var.user.filter('document:read', [...documents.keys()])),
  );
  app.get('/:org/documents/:id', (c) => {
    c.var.user.require('document:read', c.req.param('id'));
    return c.text(documents.get(c.req.param('id')) ?? '');
  });
  app.put('/:org/documents/:id', async (c) => {
    c.var.user.require('document:write', c.req.param('id'));
    documents.set(c.req.param('id'), await c.req.text());
    return c.body(null, 204);
  });
  app.onError((error, c) => {
    if (hasCode(error, 'permission_denied')) return c.text('You may not do this', 403);
    throw error;
  });
  return app;
}

export const openRolecall = (databaseUrl: string): Rolecall<Scope> =>
  createRolecall({ databaseUrl, policy });
// #endregion quickstart
