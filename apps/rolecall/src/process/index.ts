/** The processes that stay: `start` and `serve`, from the address they take to a clean shutdown. */
export { serve, type ServeOptions } from './serve.ts';
export { start, type StartOptions } from './start.ts';
