import type { Session } from '../../session/index.ts';
import { count, createProgress, duration } from '../../output/index.ts';
import { withLegacy } from './with-legacy.ts';

interface Options {
  readonly apply?: boolean;
  readonly org?: string;
  readonly batchSize: number;
}

/** `rolecall legacy backfill` */
export async function backfill(
  session: Session,
  _args: readonly [],
  { apply = false, org, batchSize }: Options,
): Promise<undefined> {
  const { output } = session;
  await withLegacy(session, async (legacy) => {
    const plan = await legacy.plan(org);
    const total = plan.reduce((sum, { grants }) => sum + grants, 0);
    const work = `${count(total, 'grant')} in ${count(plan.length, 'organization')}`;
    if (!apply) {
      const json = { applied: false, organizations: plan.length, grants: total };
      output.answer(json, () => `would bring over ${work}; do it with --apply`);
      return;
    }
    const started = performance.now();
    const progress = await createProgress(output, { doing: `Bringing over ${work}`, total });
    try {
      const report = await legacy.backfill({
        batchSize,
        ...(org !== undefined && { organizationId: org }),
        onProgress: ({ done }) => {
          progress.advance(Math.min(done, total));
        },
      });
      progress.stop();
      const ms = performance.now() - started;
      const perSecond = Math.round((1000 * report.grants) / Math.max(1, ms));
      const json = { applied: true, ...report, rows_per_second: perSecond };
      output.answer(json, () =>
        [
          `${output.style.good('✓')} ${count(report.grants, 'grant')} brought over in ${duration(ms)}, ${perSecond} a second`,
          `  ${count(report.made, 'grant')} created; the others were there already`,
          output.style.dim('  next: rolecall legacy verify'),
        ].join('\n'),
      );
    } finally {
      progress.stop();
    }
  });
  return undefined;
}
