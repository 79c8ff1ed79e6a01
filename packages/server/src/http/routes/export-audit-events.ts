import { endpoints } from '@rolecall/contract';
import * as audit from '../../audit/index.ts';
import { defined } from '../defined.ts';
import { streamRoute } from '../stream-route.ts';
import { toWireAuditEvent } from '../wire/index.ts';

export const exportAuditEvents = streamRoute(
  endpoints.exportAuditEvents,
  async ({ service, params, query }) => {
    const { db } = service.database;
    return linesOf(await audit.exportAuditEvents(db, params.org, defined(query)));
  },
);

/** A batch of events as lines of JSON. */
async function* linesOf(
  batches: AsyncIterable<readonly audit.AuditEvent[]>,
): AsyncGenerator<string> {
  for await (const events of batches) {
    yield events.map((event) => `${JSON.stringify(toWireAuditEvent(event))}\n`).join('');
  }
}
