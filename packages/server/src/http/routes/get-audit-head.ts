import { endpoints } from '@rolecall/contract';
import * as audit from '../../audit/index.ts';
import { readRoute } from '../route.ts';

export const getAuditHead = readRoute(endpoints.getAuditHead, async ({ service, params }) => {
  const head = await audit.getAuditHead(service.database.db, params.org);
  const { organizationId, sequence, hash, anchor } = head;
  return { body: { organization_id: organizationId, sequence, hash, anchor } };
});
