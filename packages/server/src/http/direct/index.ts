/** The short way for plain checks and filters on a Node server: from memory to the socket. */
export { createDirectLane, type DirectLane, type Otherwise } from './direct-lane.ts';
