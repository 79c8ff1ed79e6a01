/** The HTTP API: from a request to an answer, and from every error to a problem. */
export { type AppOptions, createApp, createServers, type Servers } from './app.ts';
export { type DirectLane, type Otherwise } from './direct/index.ts';
export { purgeIdempotencyKeys } from './idempotency.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts';
export { type Figures, renderJointFigures } from './joint-figures.ts';
export { version } from './version.ts';
