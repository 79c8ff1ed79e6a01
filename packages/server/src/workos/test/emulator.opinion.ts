import { portExceptions } from './emulator-exceptions.ts';
import { EMULATOR_VERSION, startEmulator } from './emulator.ts';
import { describePort } from './port-conformance.ts';
import { rawApi } from './raw-api.ts';
import { openUngatedPort } from './ungated-port.ts';

/* The port against the emulator that WorkOS publishes, as the opinion of somebody else. */
describePort(`the emulator of \`workos\` ${EMULATOR_VERSION}`, async () => {
  const emulator = await startEmulator();
  const { apiKey, url: apiUrl } = emulator;
  const own = openUngatedPort({ apiKey, apiUrl });
  const strangers = openUngatedPort({ apiKey: 'sk_test_stranger', apiUrl });
  return {
    port: own.port,
    strangersPort: strangers.port,
    raw: rawApi(apiUrl, apiKey),
    exceptions: portExceptions,
    eventDelayMs: 1_000,
    close: async () => {
      own.close();
      strangers.close();
      await emulator.close();
    },
  };
});
