/** A part of the code that is replaced; `find` is there exactly once. */
export interface Edit {
  /** From `packages/server/src/sync`, here; from `packages/server/src` where all rules are together. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A safety rule, how it is switched off, and the tests that then have to fail. */
export interface SafetyRule {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** From `packages/server/src/sync`, here; from `packages/server/src` where all rules are together. */
  readonly file: string;
  readonly fails: readonly string[];
}

/** Every rule that keeps both sides from harming each other. */
export const safetyRules: readonly SafetyRule[] = [
  {
    name: 'echo',
    edits: [
      {
        file: 'decide/decide-role.ts',
        find: '  return unanswered.some((value) => sameFields(value, remote.fields));',
        replace: '  return false && unanswered.length + remote.fields.name.length > 0;',
      },
    ],
    file: 'test/safety.test.ts',
    fails: ['INVARIANT (remembered attempts): pushes over a write of its own that arrives late'],
  },
  {
    name: 'echo of a role set',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: '  const echo = unanswered.some((value) => sameSet(value, remote.roles));',
        replace: '  const echo = unanswered.length < 0;',
      },
    ],
    file: 'decide/decide-membership.test.ts',
    fails: ['PROPERTY (echo): never adopts what an unanswered call of ours wrote'],
  },
  {
    name: 'echo, role by role: what was given',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: 'without(remote.roles, [...base, ...unanswered.flat()])',
        replace: 'without(remote.roles, base)',
      },
    ],
    file: 'test/found-by-fire/own-calls.test.ts',
    fails: [
      'INVARIANT (echo): a late call does not undo a revocation, also when somebody has changed the rest',
    ],
  },
  {
    name: 'echo, role by role: what was taken',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: '    unanswered.every((value) => value.includes(slug)),',
        replace: '    unanswered.every((value) => value.length + slug.length > 0),',
      },
    ],
    file: 'test/found-by-fire/own-calls.test.ts',
    fails: [
      'INVARIANT (echo): does not take what its unanswered call took for a removal by whoever changed the rest',
    ],
  },
  {
    name: 'a pending change counts more than what shows up',
    edits: [
      {
        file: 'decide/decide-role.ts',
        find: '  const changedThere = !echo && !sameFields(remote.fields, base.fields);\n  if (pending) {',
        replace:
          '  const changedThere = true;\n  if (pending && echo && base.fields.name === "") {',
      },
    ],
    file: 'test/inbound.test.ts',
    fails: ['never lets an echo of an older write undo a newer one'],
  },
  {
    name: 'remembered attempts',
    edits: [
      {
        file: 'converge/role-attempts-store.ts',
        find: 'WHERE a.organization_id = $1 AND r.slug = $2 AND ${IS_REMEMBERED}`;',
        replace: 'WHERE a.organization_id = $1 AND r.slug = $2 AND a.sent_at IS NULL`;',
      },
    ],
    file: 'test/safety.test.ts',
    fails: ['INVARIANT (remembered attempts): pushes over a write of its own that arrives late'],
  },
  {
    name: 'a call is remembered until both sides are equal',
    edits: [
      {
        file: 'entity/entities-store.ts',
        find: "OR a.deadline > coalesce(e.settled_at, '-infinity'))`;",
        replace: 'OR e.id IS NULL)`;',
      },
    ],
    file: 'test/found-by-fire/own-calls.test.ts',
    fails: [
      'INVARIANT (remembered attempts): knows its unanswered call after an outage of days, until both sides are equal',
    ],
  },
  {
    name: 'a call is forgotten once both sides are equal',
    edits: [
      {
        file: 'entity/entities-store.ts',
        find: "OR a.deadline > coalesce(e.settled_at, '-infinity'))`;",
        replace: 'OR e.id IS NOT NULL)`;',
      },
    ],
    file: 'test/found-by-fire/own-calls.test.ts',
    fails: [
      'INVARIANT (remembered attempts): forgets an unanswered call that both sides have outlived',
    ],
  },
  {
    name: 'fencing',
    edits: [
      {
        file: 'entity/lease.ts',
        find: 'WHERE organization_id = $1 AND epoch = $2 AND holder IS NOT NULL FOR SHARE',
        replace: 'WHERE organization_id = $1 AND $2::bigint IS NOT NULL FOR SHARE',
      },
    ],
    file: 'test/safety.test.ts',
    fails: [
      'INVARIANT (fencing): a worker that lost its lease cannot undo what the next one knows',
    ],
  },
  {
    name: 'start over',
    edits: [
      {
        file: 'converge/commit.ts',
        find: '    if ((await holdEntity(tx, entity)) !== entity.localVersion)',
        replace: '    if ((await holdEntity(tx, entity)) === undefined)',
      },
    ],
    file: 'test/safety.test.ts',
    fails: ['INVARIANT (start over): a change that came during the call is sent too'],
  },
  {
    name: 'parking of unknown roles',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: "  if (missing.length > 0 && !pending && !merged.echo) return { do: 'park', missing };",
        replace: "  if (missing.length < 0) return { do: 'park', missing };",
      },
    ],
    file: 'test/inbound.test.ts',
    fails: [
      'INVARIANT (unknown roles): waits for a role that it cannot see, and wipes nothing meanwhile',
    ],
  },
  {
    name: 'parking of unknown organizations',
    edits: [
      {
        file: 'inbound/ingest.ts',
        find: "      rows.push({ event, state: 'parked', waitsFor: remoteOrganizationOf(subject) });",
        replace: "      rows.push({ event, state: 'unknown', waitsFor: undefined });",
      },
    ],
    file: 'test/inbound.test.ts',
    fails: ['parks what is about an organization that nobody knows, until it is linked'],
  },
  {
    name: 'incarnations',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: "  if (lives.some((id) => id !== remote.remoteId)) return { do: 'new_life' };",
        replace: '',
      },
    ],
    file: 'test/inbound.test.ts',
    fails: ['gives a new life nothing of the old one'],
  },
  {
    name: 'incarnations before the first comparison',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: '[base?.remoteId, situation.linkedTo]',
        replace: '[base?.remoteId]',
      },
    ],
    file: 'test/found-by-fire/lives.test.ts',
    fails: [
      'INVARIANT (incarnations): ends who was seen there and is removed while a side is to be chosen',
      'INVARIANT (incarnations): takes who was made anew while a side is to be chosen for a new life',
    ],
  },
  {
    name: 'a life from when somebody is recognised',
    edits: [
      {
        file: 'converge/take-membership.ts',
        find: '  if (local?.workosMembershipId !== null) return { changed: {}, entries: [] };',
        replace: '  if (local !== undefined) return { changed: {}, entries: [] };',
      },
    ],
    file: 'test/found-by-fire/lives.test.ts',
    fails: [
      'INVARIANT (incarnations): ends who is removed between being recognised and being compared, told by an event',
      'INVARIANT (denied at once): denies who is removed between being recognised and being compared',
    ],
  },
  {
    name: 'stand-in for unknown roles',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: '  if (standIn && pending) return without(roles, [fallback]);',
        replace: '',
      },
    ],
    file: 'test/found-by-fire/own-calls.test.ts',
    fails: [
      'INVARIANT (stand-in): keeps `member` that a person gave to whoever had it only as a stand-in',
    ],
  },
  {
    name: 'stand-in of an emptied role',
    edits: [
      {
        file: 'converge/strip-role.ts',
        find: "ELSE (base -> 'roles') - $2::text - $4::text || jsonb_build_array($4::text) END)",
        replace: "ELSE (base -> 'roles') - $2::text END)",
      },
    ],
    file: 'test/found-by-fire/own-calls.test.ts',
    fails: [
      'INVARIANT (echo): does not take the stand-in that it gave itself for something that was given',
    ],
  },
  {
    name: 'compare-and-set cursor',
    edits: [
      {
        file: 'inbound/inbox-store.ts',
        find: 'WHERE stream = $1 AND position IS NOT DISTINCT FROM $2::text RETURNING 1',
        replace: 'WHERE stream = $1 AND ($2::text IS NULL OR true) RETURNING 1',
      },
    ],
    file: 'test/inbound.test.ts',
    fails: ['INVARIANT (cursor): never goes back when two read at once'],
  },
  {
    name: 'everything is compared after the beginning of the stream',
    edits: [
      {
        file: 'inbound/pull.ts',
        find: '  if (from === null) await wantSnapshots(tx);',
        replace: "  if (from === '') await wantSnapshots(tx);",
      },
      {
        file: 'inbound/pull.ts',
        find: '    if (position === null && missable) await wantSnapshots(tx);',
        replace: "    if (position === '' && missable) await wantSnapshots(tx);",
      },
    ],
    file: 'test/found-by-fire/listings.test.ts',
    fails: [
      'INVARIANT (beginning): compares everything after the first event, for others were before it',
      'INVARIANT (beginning): compares everything when a stream without an event was not read for long',
    ],
  },
  {
    name: 'observation after ambiguous answers',
    edits: [
      {
        file: 'converge/converge-entity.ts',
        find: '  const unanswered = isWorkosFailure(error) && error.ambiguous;',
        replace: '  const unanswered = isWorkosFailure(error) && false;',
      },
    ],
    file: 'test/converge.test.ts',
    fails: ['survives an answer that never came, and does not send what arrived'],
  },
  {
    name: 'nothing is adopted while a call may still take effect',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: "  if (adopts && unsettled) return { do: 'wait' };",
        replace: "  if (adopts && unsettled && adopts !== unsettled) return { do: 'wait' };",
      },
    ],
    file: 'decide/decide-membership.test.ts',
    fails: ['PROPERTY (unsettled): adopts nothing while an old call may still take effect'],
  },
  {
    name: 'suspended members',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: "  if (remote.status === 'inactive') return { do: 'hold' };",
        replace: '',
      },
    ],
    file: 'decide/decide-membership.test.ts',
    fails: ['PROPERTY (suspended): neither adopts nor pushes nor ends while inactive'],
  },
  {
    name: 'denied at once',
    edits: [
      {
        file: 'inbound/ingest.ts',
        find: '    if (denial) denials.push({ ...denial, eventId: event.id });',
        replace: '    if (denial) denials.splice(0);',
      },
    ],
    file: 'test/inbound.test.ts',
    fails: [
      'denies a suspended member in the transaction that reads the event, and keeps the roles',
    ],
  },
  {
    name: 'no base',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: "  if (!linking || !remote.rolesListed || !sameSet(local.roles, remote.roles)) return { do: 'plan' };",
        replace: "  if (!linking && !remote.rolesListed) return { do: 'plan' };",
      },
    ],
    file: 'decide/decide-membership.test.ts',
    fails: ['PROPERTY (no base): removes nothing and unites nothing without a base'],
  },
  {
    name: 'removals win',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: '  const kept = without(local.roles, removedThere);',
        replace: '  const kept = without(local.roles, removedThere.slice(1));',
      },
    ],
    file: 'decide/decide-membership.test.ts',
    fails: ['PROPERTY (removals win): keeps nothing that either side has removed'],
  },
  {
    name: 'absence',
    edits: [
      {
        file: 'converge/observe-membership.ts',
        find: '    const found = sighted ?? (await getMembership(context, remoteId));',
        replace: '    const found = sighted;',
      },
    ],
    file: 'test/reconcile.test.ts',
    fails: ['INVARIANT (absence): takes nothing for gone because a listing lacked it'],
  },
  {
    name: 'fresh sightings',
    edits: [
      {
        file: 'drain/look-at-page.ts',
        find: '    if (now?.raised !== mark.raised) continue;',
        replace: '    if (now === undefined) continue;',
      },
    ],
    file: 'test/safety.test.ts',
    fails: ['INVARIANT (fresh sightings): is not believed of what was heard of since'],
  },
  {
    name: 'denied at once, whatever was observed before',
    edits: [
      {
        file: 'converge/observe-membership.ts',
        find: '  if (now(remoteId) !== heard) throw',
        replace: "  if (now(remoteId) !== heard && remoteId === '') throw",
      },
    ],
    file: 'test/found-by-fire/denials.test.ts',
    fails: [
      'INVARIANT (denied at once): lets nobody in by what was observed before their suspension was read',
      'INVARIANT (denied at once): takes nobody in as active after their suspension was read',
    ],
  },
  {
    name: 'denied at once, whatever a page has shown before',
    edits: [
      {
        file: 'converge/take-membership.ts',
        find: '        if (now(one.remote.remoteId) !== one.heard) continue;',
        replace: '        if (now(one.remote.remoteId) === "never") continue;',
      },
    ],
    file: 'test/found-by-fire/denials.test.ts',
    fails: [
      'INVARIANT (denied at once): takes nobody of a page in as active after their suspension was read',
    ],
  },
  {
    name: 'marks',
    edits: [
      {
        file: 'entity/work-store.ts',
        find: 'AND key = $3 AND raised = $4 AND id = $5`',
        replace: 'AND key = $3 AND raised = $4 AND $5::uuid IS NOT NULL`',
      },
    ],
    file: 'test/found-by-fire/listings.test.ts',
    fails: ['INVARIANT (marks): a worker that was paused takes no mark away that was made since'],
  },
  {
    name: 'marks of the environment: the one that was looked at',
    edits: [
      {
        file: 'inbound/environment-marks-store.ts',
        find: 'WHERE kind = $1 AND key = $2 AND raised = $3 AND id = $4`',
        replace: 'WHERE kind = $1 AND key = $2 AND raised = $3 AND $4::uuid IS NOT NULL`',
      },
    ],
    file: 'test/environment-marks.test.ts',
    fails: ['INVARIANT (marks of the environment): takes no mark away that was made since'],
  },
  {
    name: 'marks of the environment: nothing by what is out of date',
    edits: [
      {
        file: 'drain/drain-environment.ts',
        find: 'if (!(await holdEnvironmentMark(tx, mark))) throw',
        replace: 'if (mark.raised < 0 && !(await holdEnvironmentMark(tx, mark))) throw',
      },
    ],
    file: 'test/environment-marks.test.ts',
    fails: [
      'INVARIANT (marks of the environment): writes no older name over a newer one',
      'INVARIANT (marks of the environment): buries no role that was made again',
    ],
  },
  {
    name: 'waiting ends',
    edits: [
      {
        file: 'converge/take-role.ts',
        find: '    const taken = await mirrorRole(tx, lock, remote);',
        replace:
          '    await wakeWhoWaits(tx, organizationId);\n    const taken = await mirrorRole(tx, lock, remote);',
      },
    ],
    file: 'test/found-by-fire/listings.test.ts',
    fails: [
      'INVARIANT (waiting ends): who waits for a role whose name is taken here wakes nobody else who does',
    ],
  },
  {
    name: 'missed status',
    edits: [
      {
        file: 'drain/compare-store.ts',
        find: "  if (known === undefined || !sameFacts(known, remote)) return 'differs';\n  if (known.pending)",
        replace: "  if (known === undefined) return 'differs';\n  if (known.pending)",
      },
    ],
    file: 'test/found-by-fire/denials.test.ts',
    fails: [
      'INVARIANT (missed status): lets in who came back, though no event told and their roles wait to be sent',
      'INVARIANT (missed status): denies who was suspended, though no event told and nothing may be sent',
    ],
  },
  {
    name: 'ended for all: a person',
    edits: [
      {
        file: 'drain/environment-store.ts',
        find: 'WHERE u.workos_user_id = $1 AND m.deleted_at IS NULL ORDER BY 1',
        replace:
          'WHERE u.workos_user_id = $1 AND m.deleted_at IS NULL AND m.workos_membership_id IS NOT NULL ORDER BY 1',
      },
    ],
    file: '../../test/sync/ended-for-all.test.ts',
    fails: [
      'reaches a node that remembers them in an organization that is not linked, when it is a person',
    ],
  },
  {
    name: 'ended for all: a role',
    edits: [
      {
        file: 'drain/drain-environment.ts',
        find: '{ users: members.map((one) => one.userId) } : { roles: [roleId] };',
        replace:
          '{ users: members.map((one) => one.userId) } : { users: members.map((one) => one.userId) };',
      },
    ],
    file: '../../test/sync/ended-for-all.test.ts',
    fails: ['reaches a node that remembers a member whom WorkOS does not know, when it is a role'],
  },
  {
    name: 'incarnations of a person who is no more',
    edits: [
      {
        file: 'decide/decide-membership.ts',
        find: 'lives.length === 0 && !situation.personEnded',
        replace: 'lives.length === 0',
      },
    ],
    file: 'decide/decide-membership.test.ts',
    fails: [
      'INVARIANT (incarnations): ends whose person is no more, also when the membership was never seen there',
    ],
  },
  {
    name: 'remembered attempts of a deleted role',
    edits: [
      {
        file: 'converge/take-role.ts',
        find: "remote.kind === 'organization' && (await disown(tx, lock, remote))",
        replace: "remote.slug === '' && (await disown(tx, lock, remote))",
      },
    ],
    file: 'test/found-by-fire/late-roles.test.ts',
    fails: [
      'INVARIANT (remembered attempts): keeps a role deleted whose creation arrives afterwards, when nobody took its name',
      'INVARIANT (remembered attempts): keeps a role deleted whose creation arrives afterwards, when its name is taken',
    ],
  },
  {
    name: 'remembered attempts of a slug',
    edits: [
      {
        file: 'converge/role-attempts-store.ts',
        find: '${OF_SLUG} ORDER BY a.id`',
        replace: '${OF_SLUG} AND r.slug_held ORDER BY a.id`',
      },
    ],
    file: 'test/found-by-fire/late-roles.test.ts',
    fails: [
      'INVARIANT (remembered attempts): knows a late creation of its own also when its slug was used again',
    ],
  },
  {
    name: 'remembered attempts of a newcomer',
    edits: [
      {
        file: 'converge/take-membership.ts',
        find: '    if (life) await inheritAttempts(tx, organizationId, [life]);',
        replace: '    if (life) await inheritAttempts(tx, organizationId, []);',
      },
    ],
    file: 'test/found-by-fire/late-roles.test.ts',
    fails: [
      'INVARIANT (remembered attempts): a late call that empties a role takes nothing from a newcomer, when nobody here knows them',
      'INVARIANT (remembered attempts): a late call that empties a role takes nothing from a newcomer, when they have another life here',
    ],
  },
  {
    name: 'remembered attempts of many newcomers',
    edits: [
      {
        file: 'converge/take-membership.ts',
        find: '      await inheritAttempts(tx, organizationId, taken);',
        replace: '      await inheritAttempts(tx, organizationId, []);',
      },
    ],
    file: 'test/found-by-fire/late-roles.test.ts',
    fails: [
      'INVARIANT (remembered attempts): a late call that empties a role takes nothing from a newcomer, when they come with many others',
    ],
  },
  {
    name: 'remembered attempts of who is recognised',
    edits: [
      {
        file: 'converge/converge-membership.ts',
        find: '  if (remote && entity.base === null) {',
        replace: '  if (remote && entity.base === null && entity.localVersion < 0) {',
      },
    ],
    file: 'test/found-by-fire/late-roles.test.ts',
    fails: [
      'INVARIANT (remembered attempts): a late call that empties a role takes nothing from who is recognised after it was sent',
    ],
  },
  {
    name: 'an inherited call is forgotten once both sides are equal',
    edits: [
      {
        file: 'converge/membership-attempts-store.ts',
        find: 'SET next_attempt_at = clock_timestamp()',
        replace: 'SET next_attempt_at = next_attempt_at',
      },
    ],
    file: 'test/found-by-fire/late-roles.test.ts',
    fails: [
      'INVARIANT (remembered attempts): a call that emptied a role is forgotten once the newcomer has outlived it',
    ],
  },
  {
    name: 'mass removal',
    edits: [
      {
        file: 'converge/brake.ts',
        find: '  for (const one of removals) if (!(await mayRemove(db, organizationId, one))) return true;',
        replace: '  for (const one of removals) await mayRemove(db, organizationId, one);',
      },
    ],
    file: 'test/brake.test.ts',
    fails: [
      'denies all whom WorkOS has removed at once, and keeps what they hold until a person has looked',
      'sends no more removals to WorkOS than pass, while everybody here is denied already',
    ],
  },
  {
    name: 'no wake-up lost',
    edits: [
      {
        file: 'runner/postgres-runner.ts',
        find: 'nextDueInMs(this.#options.db, this.#sweptUntil)',
        replace: 'nextDueInMs(this.#options.db, new Date().toISOString())',
      },
    ],
    file: 'test/postgres-runner.test.ts',
    fails: [
      'INVARIANT (no wake-up lost): finds what becomes due while it looks for what is due',
      'INVARIANT (no wake-up lost): looks again when it could not look for what is due',
    ],
  },
  {
    name: 'one environment',
    edits: [
      {
        file: 'runner/environment-guard.ts',
        find: "    if (found === 'other' || found === 'unknown') throw new WrongEnvironment(found);",
        replace: "    if (found === 'unknown') throw new WrongEnvironment(found);",
      },
    ],
    file: 'test/postgres-runner.test.ts',
    fails: ['INVARIANT (one environment): it touches nothing with the key of another environment'],
  },
  {
    name: 'restored database',
    edits: [
      {
        file: 'drain/restored.ts',
        find: '    if (there && !isSuccessor(here, there)) {',
        replace: '    if (there && there.revision < 0) {',
      },
    ],
    file: 'test/restored.test.ts',
    fails: ['sends nothing from a database that is behind its mark, until a person has confirmed'],
  },
];
