/** Steering the simulator over HTTP, under a path that the real WorkOS does not have. */
export { CONTROL_PREFIX, createControl } from './routes.ts';
export { type SimulatorState, viewState } from './state-view.ts';
