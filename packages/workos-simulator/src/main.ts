import { parseArgs } from 'node:util';
import { startSimulator } from './server.ts';

/** `node src/main.ts --port 4100 --seed 7 --demo --file state.json --webhook http://…` */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string', default: 'rolecall' },
    'api-key': { type: 'string' },
    'webhook-secret': { type: 'string' },
    webhook: { type: 'string', multiple: true, default: [] },
    file: { type: 'string' },
    demo: { type: 'boolean', default: false },
    'single-role': { type: 'boolean', default: false },
    'no-rate-limits': { type: 'boolean', default: false },
  },
});

const simulator = await startSimulator({
  port: Number(values.port),
  hostname: values.host,
  seed: values.seed,
  apiKey: values['api-key'],
  webhookSecret: values['webhook-secret'],
  webhookUrls: values.webhook,
  file: values.file,
  demo: values.demo,
  multipleRoles: !values['single-role'],
  rateLimits: values['no-rate-limits'] ? 'off' : 'documented',
});

// One line of JSON, so that whoever started the process can read it.
process.stdout.write(
  `${JSON.stringify({
    url: simulator.url,
    api_key: simulator.apiKey,
    webhook_secret: simulator.webhookSecret,
    environment_id: simulator.environmentId,
  })}\n`,
);

const stop = (): void => {
  void simulator.close().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
