import { type HeldGrant, type Selector } from '@rolecall/policy';
import { type RoleKeys } from './role-keys.ts';

/*
 * How what is loaded crosses the connection: as one text, because that costs the server and the driver
 * less than half of what the same grants cost as rows.
 *
 *   load  = head BLOCK lines { BLOCK principal LINE lines }     direct grants first, then those of each role
 *   lines = [ line ] { LINE line }
 *   line  = scope ' ' effect { FIELD place }
 *   place = resource id [ PINS dimensions as JSON ]
 *
 * Ids, scopes and JSON as PostgreSQL prints it never contain control characters.
 */
const BLOCK = '\u001e';
const LINE = '\n';
const FIELD = '\t';
const PINS = '\u001f';

/** The grants of one holder as they were loaded; `readGrants` takes them apart. */
export interface GrantBlock {
  /** `user:…`, `api_key:…`, `role:global:…` or `role:organization:…` */
  readonly principal: string;
  readonly lines: string;
}

// An empty object is the only one that takes no more than 8 bytes; comparing sizes is much cheaper.
const PLACE = `CASE WHEN pg_column_size(g.dimensions) <= 8 THEN g.resource_id
            ELSE g.resource_id || E'\\x1f' || g.dimensions::text END`;

/** SQL: the lines of the grants that a condition on `g` selects, where few or none are expected. */
export function fewGrantLines(condition: string): string {
  return `array_to_string(ARRAY(
      SELECT g.scope || ' ' || g.effect || E'\\t' || ${PLACE}
        FROM rolecall.grants g WHERE g.organization_id = $1 AND ${condition}), E'\\n')`;
}

/** SQL: the lines of all grants of a role, where many are expected; those of one scope and effect share a line. */
export function roleGrantLines(roleId: string, keys: RoleKeys): string {
  const byId = `coalesce((${groupedLines('grants', `g.role_id = ${roleId}`)}), '')`;
  if (keys === 'id') return byId;
  const left = `g.role_id = ${roleId} AND NOT g.brought_over`;
  return `${byId} || coalesce(E'\\n' || (${groupedLines('legacy_grants', left)}), '')`;
}

function groupedLines(table: 'grants' | 'legacy_grants', condition: string): string {
  return `SELECT string_agg(line, E'\\n') FROM (
      SELECT g.scope || ' ' || g.effect || E'\\t' || string_agg(${PLACE}, E'\\t') AS line
        FROM rolecall.${table} g
        WHERE g.organization_id = $1 AND ${condition}
        GROUP BY g.scope, g.effect) AS lines`;
}

/** SQL: the block of the role whose row in `global_roles`, if it is global, is `r`. */
export function roleBlock(roleId: string, keys: RoleKeys): string {
  return `E'\\x1e' || CASE WHEN r.id IS NULL THEN 'role:organization:' ELSE 'role:global:' END
      || ${roleId} || E'\\n' || ${roleGrantLines(roleId, keys)}`;
}

/** SQL, of the environment `e`: whether its state wants both keys read, for a head. */
export const DUAL = `CASE e.legacy_state WHEN 'dual' THEN 'dual' ELSE '-' END`;

/** SQL: a head, the lines of direct grants, and an array of role blocks. */
export function loadText(head: string, direct: string, roles: string): string {
  return `${head} || E'\\x1e' || ${direct} || array_to_string(${roles}, '')`;
}

/** The words of a load's head, the lines of direct grants, and the roles. */
export function readLoad(text: string): {
  readonly head: readonly string[];
  readonly direct: string;
  readonly roles: readonly GrantBlock[];
} {
  const [head = '', direct = '', ...roles] = text.split(BLOCK);
  return { head: head.split(' '), direct, roles: roles.map(readBlock) };
}

function readBlock(text: string): GrantBlock {
  const end = text.indexOf(LINE);
  return { principal: text.slice(0, end), lines: text.slice(end + 1) };
}

/** The grants of a block. */
export function readGrants({ principal, lines }: GrantBlock): readonly HeldGrant[] {
  const grants: HeldGrant[] = [];
  for (const line of lines.split(LINE)) {
    if (line === '') continue;
    const [begin = '', ...places] = line.split(FIELD);
    const space = begin.indexOf(' ');
    const scope = begin.slice(0, space);
    const effect = begin.slice(space + 1) === 'allow' ? 'allow' : 'deny';
    const kind = scope.slice(0, scope.indexOf(':'));
    for (const place of places) {
      grants.push({ principal, scope, effect, selector: readPlace(kind, place) });
    }
  }
  return grants;
}

function readPlace(resource_kind: string, place: string): Selector {
  const end = place.indexOf(PINS);
  if (end === -1) return { resource_kind, resource_id: place };
  const dimensions = JSON.parse(place.slice(end + 1)) as Readonly<Record<string, string>>;
  return { resource_kind, resource_id: place.slice(0, end), ...dimensions };
}
