/** The processes that stay: `start`, `serve` and `worker`, from the address they take to a clean shutdown. */
export { serve, type ServeOptions } from './serve.ts';
export { start, type StartOptions } from './start.ts';
export { worker, type WorkerOptions } from './worker.ts';
