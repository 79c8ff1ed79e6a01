import { startSimulator } from '@rolecall/workos-simulator';
import { createOpenApiValidator } from '@rolecall/workos-simulator/openapi-validator';
import { afterAll, expect } from 'vitest';
import { describePort } from './port-conformance.ts';
import { rawApi } from './raw-api.ts';
import { openUngatedPort } from './ungated-port.ts';

// Every request of the suite is compared with the document that WorkOS publishes.
const validator = createOpenApiValidator();
afterAll(() => {
  expect(validator.problems()).toEqual([]);
});

for (const multipleRoles of [true, false]) {
  describePort(`the simulator ${multipleRoles ? 'with' : 'without'} several roles`, async () => {
    const simulator = await startSimulator({
      demo: true,
      multipleRoles,
      observe: validator.observe,
    });
    const { apiKey, url: apiUrl } = simulator;
    const own = openUngatedPort({ apiKey, apiUrl });
    const strangers = openUngatedPort({ apiKey: 'sk_test_stranger', apiUrl });
    return {
      port: own.port,
      strangersPort: strangers.port,
      raw: rawApi(apiUrl, apiKey),
      eventDelayMs: 1_000,
      close: async () => {
        own.close();
        strangers.close();
        await simulator.close();
      },
    };
  });
}
