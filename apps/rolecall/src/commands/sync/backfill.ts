import type { BackfillPlan, BackfillProgress, Rolecall } from '@rolecall/server';
import type { Command } from 'commander';
import { exitCodes } from '../../exit-codes.ts';
import { count, createSteps, type Output } from '../../output/index.ts';
import type { Bind, Outcome, Session } from '../../session/index.ts';
import { backfillJson, hasWork, renderBackfill } from './backfill-report.ts';
import { requireWorkos } from './require-workos.ts';

interface Options {
  readonly apply?: boolean;
  readonly linked?: boolean;
  readonly config?: string;
}

/** `rolecall sync backfill`: taking a whole environment of WorkOS in. */
export function addBackfillCommand(sync: Command, bind: Bind): void {
  sync
    .command('backfill')
    .description(
      'take an environment of WorkOS in, on the database itself: every organization of it, or those named, ' +
        'is compared page by page; only shown without --apply',
    )
    .argument('[org...]', 'by its id here, or by its id in WorkOS')
    .option(
      '--apply',
      'make what is missing here and have what differs mended; goes on where it was cut off',
    )
    .option('--linked', 'only those that are linked already')
    .option('--config <file>', 'the configuration file (default: rolecall.config.ts)')
    .action(bind(backfill));
}

async function backfill(
  session: Session,
  [named]: readonly [readonly string[]],
  { apply = false, linked = false, config }: Options,
): Promise<Outcome> {
  const { loadPolicy } = await import('../../policy-file.ts');
  const { withDatabase } = await import('../with-database.ts');
  const { policy } = await loadPolicy(session.world.directory, config);
  const workos = await requireWorkos(session);
  const { output } = session;
  const work = async ({ roles, sync }: Rolecall): Promise<Outcome> => {
    if (sync === undefined) return exitCodes.defect;
    const here = await linkedHere(roles);
    const plans = await createSteps(output).run(
      'Listing the organizations of WorkOS',
      (say) =>
        collect(
          output,
          sync.backfill({
            context: { actor: 'system', requestId: null, policy },
            dryRun: !apply,
            linkedOnly: linked,
            ...(named.length > 0 && { workosIds: named.map((one) => here.get(one) ?? one) }),
            progress: (progress) => {
              say(inWords(progress));
            },
          }),
        ),
      () => undefined,
    );
    const seen = new Set(plans.map((plan) => plan.workosId));
    // Only a listing of all says that something is not there.
    const missing = named.length > 0 ? [] : [...here].filter(([, id]) => !seen.has(id));
    const found = { applied: apply, plans, missing: missing.map(([id]) => id) };
    output.answer(backfillJson(found), () => renderBackfill(found, output));
    if (missing.length > 0) return exitCodes.differs;
    return apply || !plans.some(hasWork) ? undefined : exitCodes.differs;
  };
  return withDatabase(session, work, { policy, workos });
}

/** The linked organizations: their ids here, with those in WorkOS. */
async function linkedHere(roles: Rolecall['roles']): Promise<ReadonlyMap<string, string>> {
  const linked = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const from: { readonly cursor?: string } = cursor === null ? {} : { cursor };
    const page = await roles.listOrganizations({ limit: 1_000, ...from });
    for (const { id, workosId } of page.data) if (workosId !== null) linked.set(id, workosId);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return linked;
}

const LINE_EVERY_MS = 5_000;

/** All plans; where no terminal shows how far it is, a line every few seconds does. */
async function collect(
  output: Output,
  plans: AsyncIterable<BackfillPlan>,
): Promise<readonly BackfillPlan[]> {
  const collected: BackfillPlan[] = [];
  let said = performance.now();
  for await (const plan of plans) {
    collected.push(plan);
    if (output.json || output.interactive || performance.now() - said < LINE_EVERY_MS) continue;
    said = performance.now();
    output.note(`${count(collected.length, 'organization')} compared`);
  }
  return collected;
}

function inWords({ workosId, doing, listed }: BackfillProgress): string {
  const verb = doing === 'planning' ? 'Comparing' : 'Taking in';
  return `${verb} ${workosId}: ${count(listed, 'role or membership', 'roles and memberships')}`;
}
