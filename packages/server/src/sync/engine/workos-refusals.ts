import { outage, refusal, type RolecallError } from '../../errors/index.ts';
import { isWorkosFailure, type WorkosFailure } from '../../workos/index.ts';

/**
 * Does something for somebody who waits for the answer. Throws `workos_unavailable` where WorkOS is away, asks
 * to wait or refuses the key, and `workos_refused` where it says no; everything else as it came.
 */
export async function tellingWhy<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isWorkosFailure(error) ? inOurWords(error) : error;
  }
}

const SOON_S = 5;
const KEY_REFUSED_S = 60;

function inOurWords(failure: WorkosFailure): RolecallError {
  const { kind, code, retryAfterMs } = failure;
  switch (kind) {
    case 'throttled':
    case 'unavailable':
    case 'malformed': {
      const seconds = retryAfterMs === null ? SOON_S : Math.ceil(retryAfterMs / 1_000);
      return outage('workos_unavailable', `WorkOS cannot be asked: \`${code}\``, seconds, failure);
    }
    case 'unauthorized':
      return outage(
        'workos_unavailable',
        `WorkOS refuses the key: \`${code}\``,
        KEY_REFUSED_S,
        failure,
      );
    case 'rejected':
    case 'gone':
    case 'conflicting':
      return refusal('workos_refused', `WorkOS answered \`${code}\``);
  }
}
