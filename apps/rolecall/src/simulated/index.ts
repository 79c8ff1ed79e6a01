/** The simulated WorkOS of a start without a key: its server, its organizations here, and what goes to and fro. */
export { tellActivity, type Activity } from './activity.ts';
export { type LinkedDemo, linkDemo } from './link-demo.ts';
export { type SimulatedWorkos, startSimulatedWorkos } from './simulated-workos.ts';
