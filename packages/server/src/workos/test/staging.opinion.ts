import { describe, it } from 'vitest';
import { describePort } from './port-conformance.ts';
import { rawApi } from './raw-api.ts';
import { openUngatedPort } from './ungated-port.ts';

/*
 * The port against a real environment of WorkOS, or whatever else speaks its API:
 *
 *   ROLECALL_OPINION_WORKOS_KEY=sk_test_… npm run opinion:staging
 *   ROLECALL_OPINION_WORKOS_URL=http://127.0.0.1:4100   when it is not WorkOS itself
 *
 * It makes an organization, users and roles with names of their own and deletes them again. A key of
 * production is refused.
 */
const apiKey = process.env['ROLECALL_OPINION_WORKOS_KEY'] ?? '';
const apiUrl = process.env['ROLECALL_OPINION_WORKOS_URL'] ?? 'https://api.workos.com';

if (apiKey === '') {
  describe('the port at WorkOS', () => {
    it.skip('needs the key of a staging environment in ROLECALL_OPINION_WORKOS_KEY');
  });
} else if (apiKey.startsWith('sk_live')) {
  throw new Error('this suite creates and deletes users: give it the key of a staging environment');
} else {
  describePort(apiUrl, () => {
    const own = openUngatedPort({ apiKey, apiUrl });
    const strangers = openUngatedPort({ apiKey: 'sk_test_stranger', apiUrl });
    return Promise.resolve({
      port: own.port,
      strangersPort: strangers.port,
      raw: rawApi(apiUrl, apiKey),
      eventDelayMs: 30_000,
      close: () => {
        own.close();
        strangers.close();
        return Promise.resolve();
      },
    });
  });
}
