import { cpus, release, totalmem, type as osType } from 'node:os';

import { type Machine } from './report.ts';

/** This machine, as far as a reader needs it to judge the figures. */
export function describeMachine(postgresVersion: string | undefined): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${osType()} ${release()}`,
    node: process.versions.node,
    postgres: postgresVersion,
  };
}
