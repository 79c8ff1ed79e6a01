/** Signed messages about events, sent to configured endpoints without any promise of order or number. */
export { NO_WEBHOOK_FAULTS, type Tampering, type WebhookFaults } from './faults.ts';
export { type WebhookMessage } from './message.ts';
export {
  type DeliveryRecord,
  deliverOverHttp,
  DOCUMENTED_RETRY_DELAYS_MS,
  type WebhookEndpoint,
  type WebhookManners,
  WebhookSender,
} from './sender.ts';
export { SIGNATURE_HEADER, signWebhook } from './signature.ts';
