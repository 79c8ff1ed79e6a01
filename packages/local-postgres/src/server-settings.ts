/**
 * The settings of a private server; `overrides` win. They are given on the command line at every
 * start, so that a cluster made by an older release runs with the settings of this one.
 */
export function serverSettings(options: {
  readonly port: number;
  readonly durable: boolean;
  readonly overrides: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> {
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The messages of the start are read to tell a taken port from other failures.
    lc_messages: 'C',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_checkpoints: 'off',
    // A failed statement is the client's to report, without the personal data that is in it.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    ...(options.durable
      ? {}
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.overrides,
    port: String(options.port),
  };
}
