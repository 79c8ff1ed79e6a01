/**
 * The internal scope: it implies every other, is held everywhere or not at all, and is neither
 * stored nor checked.
 */
export const ROOT = 'root';

/** The wildcard of a selector: every resource. */
export const ANY = '*';

/** A further key that grants may be narrowed by and checks may name. */
export interface DimensionDefinition {
  readonly name: string;
  /** A check without it is invalid. */
  readonly required: boolean;
  /** The only values there are; any text when undefined. */
  readonly values: readonly string[] | undefined;
  readonly description: string | undefined;
}

/** What may be done to resources of one kind. */
export interface ScopeDefinition<Scope extends string = string> {
  readonly scope: Scope;
  readonly kind: string;
  readonly action: string;
  /** Every scope that this one implies, directly or through others; not itself. */
  readonly implies: readonly Scope[];
  /** The kind has one resource: the organization itself. */
  readonly single: boolean;
  readonly dimensions: readonly DimensionDefinition[];
  readonly description: string | undefined;
}

/** A kind of resource. */
export interface KindDefinition {
  readonly kind: string;
  /** The kind has one resource: the organization itself. */
  readonly single: boolean;
  readonly dimensions: readonly DimensionDefinition[];
  readonly description: string | undefined;
}

/** The declared vocabulary of an access model: immutable, made by `definePolicy`. */
export interface Policy<Scope extends string = string> {
  /** Every declared scope, in the order of the definition. `root` is not among them. */
  readonly scopes: readonly ScopeDefinition<Scope>[];
  readonly kinds: readonly KindDefinition[];
  readonly system_roles: Readonly<Record<SystemRole, readonly Scope[]>>;
  /** The same scopes, by name. */
  readonly byName: ReadonlyMap<string, ScopeDefinition<Scope>>;
}

export type SystemRole = 'admin' | 'member';

/** The union of a policy's scope names. */
export type ScopeOf<P extends Policy> = P['scopes'][number]['scope'];

/** The declared dimension of that name, if there is one. Allocates nothing. */
export function findDimension(
  { dimensions }: ScopeDefinition,
  name: string,
): DimensionDefinition | undefined {
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- leaving an iterator early allocates
  for (let i = 0; i < dimensions.length; i++) {
    if (dimensions[i]?.name === name) return dimensions[i];
  }
  return undefined;
}

/** Whether a dimension can have this concrete value. */
export function isValueOf(dimension: DimensionDefinition, value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value === ANY) return false;
  return dimension.values === undefined || dimension.values.includes(value);
}
