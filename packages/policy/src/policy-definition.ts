import { type SystemRole } from './scope.ts';

/** A policy as it is written down: plain data, keyed by the names it declares. */
export interface PolicyDefinition {
  readonly kinds: Readonly<Record<string, KindInput>>;
  readonly system_roles: Readonly<Record<SystemRole, 'all' | readonly string[]>>;
}

export interface KindInput {
  readonly actions: Readonly<Record<string, ActionInput>>;
  readonly dimensions?: Readonly<Record<string, DimensionInput>>;
  /** The kind has one resource: the organization itself. */
  readonly single?: boolean;
  readonly description?: string;
}

export interface ActionInput {
  /** Actions of the same kind that this one includes. */
  readonly implies?: readonly string[];
  readonly description?: string;
}

export interface DimensionInput {
  readonly required?: boolean;
  readonly values?: readonly string[];
  readonly description?: string;
}

/** The scope names that a definition declares; any text when the definition comes as data. */
export type ScopesIn<D extends PolicyDefinition> = string extends keyof D['kinds']
  ? string
  : {
      [K in keyof D['kinds'] & string]: `${K}:${keyof D['kinds'][K]['actions'] & string}`;
    }[keyof D['kinds'] & string];

/** The definition again, with every name that refers to another held to what is declared. */
export interface Spelled<D extends PolicyDefinition> {
  readonly kinds: {
    readonly [K in keyof D['kinds']]: {
      readonly actions: {
        readonly [A in keyof D['kinds'][K]['actions']]: {
          readonly implies?: readonly (keyof D['kinds'][K]['actions'] & string)[];
        };
      };
    };
  };
  readonly system_roles: Readonly<Record<SystemRole, 'all' | readonly ScopesIn<D>[]>>;
}
