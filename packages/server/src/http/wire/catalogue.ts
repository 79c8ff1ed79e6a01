import { type ScopeCatalogue } from '@rolecall/contract';
import { type DimensionDefinition, type Policy } from '@rolecall/policy';
import { defined } from '../defined.ts';

/** The policy as `GET /v1/scopes` shows it. */
export function toWireCatalogue({ kinds, scopes, system_roles }: Policy): ScopeCatalogue {
  return {
    kinds: kinds.map(({ kind, single, dimensions, description }) => ({
      kind,
      single,
      dimensions: dimensions.map(toWireDimension),
      ...defined({ description }),
    })),
    scopes: scopes.map(({ scope, kind, action, implies, description }) => ({
      scope,
      kind,
      action,
      implies: [...implies],
      ...defined({ description }),
    })),
    system_roles: { admin: [...system_roles.admin], member: [...system_roles.member] },
  };
}

type WireDimension = ScopeCatalogue['kinds'][number]['dimensions'][number];

function toWireDimension({
  name,
  required,
  values,
  description,
}: DimensionDefinition): WireDimension {
  return { name, required, ...defined({ values: values && [...values], description }) };
}
