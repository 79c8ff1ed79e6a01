import { Counter, Gauge, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { type Figures, renderJointFigures } from './joint-figures.ts';

/** The figures of a process that answered so many requests and read so many pending changes. */
async function figuresOf(answered: number, pending: number): Promise<Figures> {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'answered_total', help: 'Answered', registers }).inc(answered);
  new Gauge({ name: 'pending', help: 'Pending', aggregator: 'first', registers }).set(pending);
  return registry.getMetricsAsJSON();
}

it('adds up what each process counts, and takes what all read from the first', async () => {
  const page = await renderJointFigures([await figuresOf(3, 7), await figuresOf(4, 8)]);
  expect(page).toContain('\nanswered_total 7\n');
  expect(page).toContain('\npending 7\n');
});

it('shows what is not known yet as NaN', async () => {
  expect(await renderJointFigures([await figuresOf(1, Number.NaN)])).toContain('\npending Nan\n');
});

it('is an empty page when no process answers', async () => {
  expect((await renderJointFigures([])).trim()).toBe('');
});
