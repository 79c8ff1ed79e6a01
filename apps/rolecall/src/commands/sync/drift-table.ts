import type { SyncDrift } from '@rolecall/contract';
import { count, type Column, type Output, renderTable } from '../../output/index.ts';

type Drift = SyncDrift['drift'][number];

const columns: readonly Column<Drift>[] = [
  { title: 'WHAT', value: ({ kind }) => (kind === 'organization_role' ? 'role' : 'member') },
  { title: 'WHICH', value: ({ subject }) => subject },
  { title: 'HERE', value: ({ here }) => shapeText(here), shrinks: true },
  { title: 'IN WORKOS', value: ({ there }) => shapeText(there), shrinks: true },
];

/** What differs, or that nothing does. */
export function renderDrift({ compared, total, drift }: SyncDrift, output: Output): string {
  const { style } = output;
  if (total === 0) return `${style.good('✓')} equal: ${count(compared, 'thing')} compared`;
  const more = total > drift.length ? `, ${drift.length} of them shown` : '';
  const end = `${count(total, 'difference')} among ${compared} compared${more}`;
  return `${renderTable(columns, drift, output)}\n${style.dim(end)}`;
}

/** One side as a person reads it. */
function shapeText(side: unknown): string {
  if (side === null || typeof side !== 'object') return '—';
  return Object.entries(side)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join('+') : String(value)}`)
    .join(', ');
}
