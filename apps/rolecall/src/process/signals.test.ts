import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchStopSignals } from './signals.ts';

function fakeProcess(): { emit: (signal: string) => void; process: Pick<NodeJS.Process, 'on'> } {
  const emitter = new EventEmitter();
  return {
    emit: (signal) => emitter.emit(signal),
    process: emitter as unknown as Pick<NodeJS.Process, 'on'>,
  };
}

describe('watchStopSignals', () => {
  it('ends with the first signal', async () => {
    const { emit, process } = fakeProcess();
    const stop = watchStopSignals(() => undefined, process);
    expect(stop.isRequested()).toBe(false);
    emit('SIGTERM');
    expect(stop.isRequested()).toBe(true);
    await expect(stop.requested).resolves.toBe('SIGTERM');
  });

  it('takes a second signal within a second for the same wish', () => {
    const { emit, process } = fakeProcess();
    const again: string[] = [];
    let now = 0;
    watchStopSignals(
      (signal) => again.push(signal),
      process,
      () => now,
    );
    emit('SIGINT');
    now = 40;
    emit('SIGINT');
    expect(again).toEqual([]);
  });

  it('reports a second signal that comes later', () => {
    const { emit, process } = fakeProcess();
    const again: string[] = [];
    let now = 0;
    watchStopSignals(
      (signal) => again.push(signal),
      process,
      () => now,
    );
    emit('SIGINT');
    now = 1_500;
    emit('SIGTERM');
    expect(again).toEqual(['SIGTERM']);
  });
});
