import {
  createManualClock,
  createSimulator,
  type ManualClock,
  type SimulatorHandler,
  type SimulatorOptions,
} from '../src/index.ts';
import { type Json } from './json.ts';

/** A simulator without a socket whose time is moved by hand. */
export interface Socketless {
  readonly simulator: SimulatorHandler;
  readonly clock: ManualClock;
  readonly api: (method: string, path: string, body?: Json) => Promise<ApiAnswer>;
  /** Events of these types after a cursor, as `GET /events` shows them now. */
  readonly events: (types: string, after?: string) => Promise<readonly Json[]>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Json;
}

/** Makes one. */
export function socketless(options: SimulatorOptions = {}): Socketless {
  const clock = createManualClock();
  const simulator = createSimulator({ clock, ...options });
  const api: Socketless['api'] = async (method, path, body) => {
    const response = await simulator.fetch(
      new Request(`http://simulator.invalid${path}`, {
        method,
        headers: { Authorization: `Bearer ${simulator.apiKey}` },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    );
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
  };
  return {
    simulator,
    clock,
    api,
    events: async (types, after) => {
      const cursor = after === undefined ? '' : `&after=${after}`;
      const { body } = await api('GET', `/events?events=${types}&limit=100${cursor}`);
      return body['data'] as readonly Json[];
    },
  };
}
