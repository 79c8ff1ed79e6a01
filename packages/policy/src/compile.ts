import { recordBytes } from './byte-size.ts';
import { CompiledGrants } from './compiled-grants.ts';
import { policyError } from './error.ts';
import { hasSay, type HeldGrant } from './grant.ts';
import { type Layout, layoutOf } from './layout.ts';
import { type Policy } from './scope.ts';
import { TableBuilder } from './table.ts';

/**
 * Compiles grants for checks that cost a hash look-up, in time linear in their number. Compile what
 * changes together (one role, the direct grants of one user) and put the parts together with
 * `joinGrants`.
 *
 * Allows that the policy cannot read match nothing; such a deny throws `invalid_grant` or
 * `invalid_selector`. The ids of grants are not kept: decisions name grants by what they say.
 */
export function compileGrants<Scope extends string>(
  policy: Policy<Scope>,
  grants: readonly HeldGrant[],
  organizationId?: string,
): CompiledGrants<Scope> {
  const layout = layoutOf(policy);
  const builders = {
    allow: new TableBuilder(layout, 'allow'),
    deny: new TableBuilder(layout, 'deny'),
  };
  let size = 0;
  for (const grant of grants) {
    if (!hasSay(policy, grant)) continue;
    builders[grant.effect].add(grant);
    size += 1;
  }
  const allow = builders.allow.finish();
  const deny = builders.deny.finish();
  const byteSize = recordBytes(4) + allow.byteSize + deny.byteSize;
  const part = { size, byteSize, allow: allow.tables, deny: deny.tables };
  return new CompiledGrants(layout, [part], organizationId);
}

/**
 * One view over several parts, such as the roles of a member and the grants given to them directly.
 * Shares the parts and copies none of their grants: the cost is a few references per part. Throws
 * `invalid_grant` when a view was compiled under another policy.
 *
 * INVARIANT (join equals union): the answers are those of all the grants compiled together.
 * INVARIANT (patching equals rebuilding): so when one role changes, it is enough to compile it again.
 */
export function joinGrants<Scope extends string>(
  policy: Policy<Scope>,
  views: readonly CompiledGrants<NoInfer<Scope>>[],
  organizationId?: string,
): CompiledGrants<Scope> {
  const layout = layoutOf(policy);
  requireSameLayout(layout, views);
  const parts = views.flatMap((view) => view.parts);
  return new CompiledGrants(layout, parts, organizationId);
}

/** Refuses views that were compiled under another policy. Throws `invalid_grant`. */
function requireSameLayout(layout: Layout, views: readonly CompiledGrants[]): void {
  for (const [index, view] of views.entries()) {
    if (view.layout !== layout) refuseStranger(`views[${index}]`);
  }
}

function refuseStranger(path: string): never {
  const message = 'grants compiled under another policy cannot be joined';
  throw policyError('invalid_grant', 'other_policy', message, path);
}
