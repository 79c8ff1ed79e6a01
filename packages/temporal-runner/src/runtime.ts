import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

let prepared = false;

/**
 * Settles how the SDK behaves in this process, once: it takes no signals, since whoever runs it stops it, and
 * writes nothing by itself, since what goes wrong is reported.
 */
export function prepareRuntime(): void {
  if (prepared) return;
  prepared = true;
  try {
    Runtime.install({
      shutdownSignals: [],
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: {
        logging: {
          filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }),
          forward: {},
        },
      },
    });
  } catch (error) {
    // A host that uses Temporal itself has settled this already.
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') throw error;
  }
}
