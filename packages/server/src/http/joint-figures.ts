import { AggregatorRegistry, type Registry } from 'prom-client';

/** The figures of one process as they travel to another one; NaN has to survive the way. */
export type Figures = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/**
 * The text of `/metrics` for several processes that are one to whoever looks: counters and histograms are
 * added up, and of what all of them read from the database the first one's value is taken.
 */
export async function renderJointFigures(figures: readonly Figures[]): Promise<string> {
  return AggregatorRegistry.aggregate([...figures]).metrics();
}
