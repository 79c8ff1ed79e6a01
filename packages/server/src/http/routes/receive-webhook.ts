import { endpoints, limits } from '@rolecall/contract';
import { refusal } from '../../errors/index.ts';
import { type Exchange } from '../exchange.ts';
import { readBodyText } from '../read-body.ts';
import { renderReply, type RenderedReply } from '../reply.ts';
import { type Route } from '../route.ts';

const endpoint = endpoints.receiveWebhook;

/**
 * The nudge. INVARIANT (a webhook carries no data): what is believed is that something happened; what did is
 * read from the stream of events, so a forged or repeated one could at most cost a read.
 */
export const receiveWebhook: Route = { endpoint, answer };

async function answer({ service, request }: Exchange): Promise<RenderedReply> {
  const { sync, metrics, webhookRoom } = service;
  if (sync?.receive === undefined) {
    const lacks = sync === undefined ? 'WORKOS_API_KEY' : 'WORKOS_WEBHOOK_SECRET';
    throw refusal('workos_not_connected', `no webhooks are expected here: \`${lacks}\` is not set`);
  }
  try {
    await webhookRoom();
  } catch (error) {
    metrics.countWebhook('rate_limited');
    throw error;
  }
  const { bytes } = await readBodyText(request, limits.webhookBodyBytes);
  const verdict = sync.receive({ header: request.headers.get('workos-signature'), body: bytes });
  if (verdict.accepted) {
    metrics.countWebhook(verdict.repeated ? 'repeated' : 'accepted');
    return renderReply(endpoint, { body: { repeated: verdict.repeated } });
  }
  metrics.countWebhook(verdict.doubt);
  if (verdict.doubt === 'unreadable') throw refusal('invalid_json', 'the body is no event');
  // Whoever sent it is told nothing but no; which doubt it was is counted.
  throw refusal('webhook_refused', 'the signature is not that of a webhook sent to us just now');
}
