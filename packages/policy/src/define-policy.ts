import { quote } from './error.ts';
import { reachableFrom } from './implication.ts';
import {
  type ActionInput,
  type DimensionInput,
  type KindInput,
  type PolicyDefinition,
  type ScopesIn,
  type Spelled,
} from './policy-definition.ts';
import { refuse, requireKeys, requireName, requireObject } from './policy-shape.ts';
import {
  ANY,
  type DimensionDefinition,
  type KindDefinition,
  type Policy,
  type ScopeDefinition,
  type SystemRole,
} from './scope.ts';

/**
 * Makes a policy from its definition. Names that are spelt differently from what is declared do not
 * compile; in a definition that comes as data they throw `invalid_policy`, as do keys that nobody reads
 * and cycles of implications. The result is frozen.
 */
export function definePolicy<const D extends PolicyDefinition>(
  definition: D & Spelled<D>,
): Policy<ScopesIn<D>> {
  return build(definition) as Policy<ScopesIn<D>>;
}

function build(definition: PolicyDefinition): Policy {
  requireKeys(definition, ['kinds', 'system_roles'], 'policy');
  requireKeys(definition.system_roles, ['admin', 'member'], 'system_roles');
  requireObject(definition.kinds, 'kinds');
  const kinds = Object.entries(definition.kinds).map(([kind, input]) => defineKind(kind, input));
  const scopes = kinds.flatMap((kind) =>
    defineScopes(kind, definition.kinds[kind.kind]?.actions ?? {}),
  );
  const byName = new Map(scopes.map((scope) => [scope.scope, scope]));
  const system_roles = Object.freeze({
    admin: systemRole('admin', definition.system_roles.admin, byName),
    member: systemRole('member', definition.system_roles.member, byName),
  });
  return Object.freeze({
    scopes: Object.freeze(scopes),
    kinds: Object.freeze(kinds),
    system_roles,
    byName,
  });
}

function defineKind(kind: string, input: KindInput): KindDefinition {
  const path = `kinds.${kind}`;
  requireName(kind, path);
  requireKeys(input, ['actions', 'dimensions', 'single', 'description'], path);
  requireObject(input.actions, `${path}.actions`);
  requireObject(input.dimensions ?? {}, `${path}.dimensions`);
  if (Object.keys(input.actions).length === 0) {
    refuse('no_actions', `kind ${quote(kind)} declares no actions`, `${path}.actions`);
  }
  const dimensions = Object.entries(input.dimensions ?? {}).map(([name, dimension]) =>
    defineDimension(name, dimension, `${path}.dimensions.${name}`),
  );
  return Object.freeze({
    kind,
    single: input.single ?? false,
    dimensions: Object.freeze(dimensions),
    description: input.description,
  });
}

function defineDimension(name: string, input: DimensionInput, path: string): DimensionDefinition {
  requireName(name, path);
  requireKeys(input, ['required', 'values', 'description'], path);
  if (name === 'resource_kind' || name === 'resource_id') {
    refuse('reserved_name', `${quote(name)} is a key of every selector`, path, name);
  }
  for (const value of input.values ?? []) {
    if (value === '' || value === ANY) {
      refuse('malformed_value', `${quote(value)} cannot be a declared value`, path, value);
    }
  }
  return Object.freeze({
    name,
    required: input.required ?? false,
    values: input.values && Object.freeze([...input.values]),
    description: input.description,
  });
}

function defineScopes(
  kind: KindDefinition,
  actions: Readonly<Record<string, ActionInput>>,
): ScopeDefinition[] {
  const entries = Object.entries(actions);
  const direct = new Map(entries.map(([action, input]) => [action, input.implies ?? []]));
  return entries.map(([action, input]) => {
    const path = `kinds.${kind.kind}.actions.${action}`;
    requireName(action, path);
    requireKeys(input, ['implies', 'description'], path);
    for (const implied of input.implies ?? []) {
      if (!direct.has(implied)) {
        refuse('unknown_action', `unknown action ${quote(implied)}`, `${path}.implies`, implied);
      }
    }
    const implies = reachableFrom(action, direct);
    if (implies.includes(action)) {
      refuse('implication_cycle', `${quote(action)} implies itself`, `${path}.implies`, action);
    }
    return Object.freeze({
      scope: `${kind.kind}:${action}`,
      kind: kind.kind,
      action,
      implies: Object.freeze(implies.map((implied) => `${kind.kind}:${implied}`)),
      single: kind.single,
      dimensions: kind.dimensions,
      description: input.description,
    });
  });
}

function systemRole(
  role: SystemRole,
  scopes: 'all' | readonly string[],
  byName: ReadonlyMap<string, ScopeDefinition>,
): readonly string[] {
  if (scopes === 'all') return Object.freeze([...byName.keys()]);
  for (const scope of scopes) {
    if (!byName.has(scope)) {
      refuse('unknown_scope', `unknown scope ${quote(scope)}`, `system_roles.${role}`, scope);
    }
  }
  return Object.freeze([...new Set(scopes)]);
}
