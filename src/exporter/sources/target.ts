/** A server to scrape: its name, its monitoring port, and how to connect to it. */

/**
 * TLS settings for a monitoring port, as PEM text instead of file names: the caller reads files and rereads changed
 * ones.
 */
export interface TargetTls {
  /** CA certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
  /** Client certificate and its key, PEM, for servers that verify clients. */
  readonly certificate?: string;
  readonly key?: string;
  /** Server name for SNI and verification. Default: the URL's host. */
  readonly serverName?: string;
}

export interface Target {
  /**
   * Value of the `server` label. Must be unique among the targets. It is configured rather than read from the
   * server, so that series stay the same across restarts and renames, and differ between clusters with equal server
   * names.
   */
  readonly name: string;
  /** URL of the monitoring port including `http_base_path`, without credentials and without a trailing slash. */
  readonly url: URL;
  /** Basic auth for a proxy in front of the port. The port itself has no authentication. */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly tls?: TargetTls;
  /** Value of `server_id` in prometheus-nats-exporter's metrics, instead of the one its options select. */
  readonly serverId?: string;
}
