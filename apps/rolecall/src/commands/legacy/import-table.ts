import type { Legacy } from '@rolecall/server';
import type { Session } from '../../session/index.ts';
import { count, createProgress, duration, printable } from '../../output/index.ts';
import type { TableRow } from './table-source.ts';
import { withLegacy } from './with-legacy.ts';

interface Options {
  readonly from: string;
  readonly table: string;
  readonly dryRun?: boolean;
}

interface Total {
  rows: number;
  bySlug: number;
  byId: number;
  leftOut: number;
  readonly examples: { readonly organizationId: string; readonly message: string }[];
  readonly unknownOrganizations: Set<string>;
}

const EXAMPLES = 20;

/** `rolecall legacy import` */
export async function importTable(
  session: Session,
  _args: readonly [],
  { from, table, dryRun = false }: Options,
): Promise<undefined> {
  const { output } = session;
  const started = performance.now();
  const total: Total = {
    rows: 0,
    bySlug: 0,
    byId: 0,
    leftOut: 0,
    examples: [],
    unknownOrganizations: new Set(),
  };
  await withLegacy(session, async (legacy) => {
    const { readTable } = await import('./table-source.ts');
    if (!dryRun) await legacy.open();
    const progress = await createProgress(output, { doing: `Reading ${table}`, total: 1 });
    try {
      for await (const rows of readTable(from, table)) {
        total.rows += rows.length;
        if (!dryRun) await storeRows(legacy, rows, total);
      }
    } finally {
      progress.stop();
    }
  });
  const { unknownOrganizations, ...counted } = total;
  const json = {
    stored: !dryRun,
    rows: counted.rows,
    grants_by_slug: counted.bySlug,
    grants_by_id: counted.byId,
    left_out: counted.leftOut,
    examples: counted.examples.map(({ organizationId, message }) => ({
      organization_id: organizationId,
      message,
    })),
    unknown_organizations: [...unknownOrganizations],
  };
  output.answer(json, () => summary(session, total, { dryRun, ms: performance.now() - started }));
  return undefined;
}

async function storeRows(legacy: Legacy, rows: readonly TableRow[], total: Total): Promise<void> {
  const organizationId = rows[0]?.organization_id ?? '';
  if (total.unknownOrganizations.has(organizationId)) return;
  try {
    const { value } = await legacy.importRows(organizationId, rows);
    total.bySlug += value.bySlug;
    total.byId += value.byId;
    total.leftOut += value.leftOut.length;
    for (const { message } of value.leftOut) {
      if (total.examples.length < EXAMPLES) total.examples.push({ organizationId, message });
    }
  } catch (error) {
    const { hasCode } = await import('@rolecall/server');
    if (!hasCode(error, 'organization_not_found')) throw error;
    total.unknownOrganizations.add(organizationId);
  }
}

function summary(
  { output: { style } }: Session,
  total: Total,
  { dryRun, ms }: { readonly dryRun: boolean; readonly ms: number },
): string {
  if (dryRun) return `${count(total.rows, 'row')} can be read; nothing was stored`;
  const unknown = [...total.unknownOrganizations].slice(0, EXAMPLES).map(printable).join(', ');
  return [
    `${style.good('✓')} ${count(total.rows, 'row')} read in ${duration(ms)}`,
    `  ${count(total.bySlug, 'grant')} stored by slug, ${total.byId} by id; the others were there already`,
    ...(total.leftOut > 0 ? [`  ${style.warning(count(total.leftOut, 'row'))} left out:`] : []),
    ...total.examples.map(({ organizationId, message }) =>
      style.dim(`    ${printable(organizationId)}: ${printable(message)}`),
    ),
    ...(unknown === '' ? [] : [`  ${style.warning('not here')}: the organizations ${unknown}`]),
    style.dim('  next: rolecall legacy status'),
  ].join('\n');
}
