/**
 * One server to watch: where its monitoring port is and how to reach it.
 */

/** TLS towards a monitoring port. Contents, not file names: whoever reads files also re-reads them. */
export interface TargetTls {
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string;
  /** PEM of the client certificate and its key, for servers that verify clients. */
  readonly certificate?: string;
  readonly key?: string;
  /** Name to ask for (SNI) and to verify, where it is not the URL's host. */
  readonly serverName?: string;
}

export interface Target {
  /**
   * Value of the `server` label. Fixed by configuration and unique in it, so that no restart, rename or
   * second cluster with the same server names changes or doubles a series.
   */
  readonly name: string;
  /** Monitoring port with `http_base_path`, without credentials and without a trailing slash. */
  readonly url: URL;
  /** Basic auth towards a proxy before the port; the port itself has none. */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly tls?: TargetTls;
  /** What collectors under another exporter's names write as `server_id`, instead of what their options say. */
  readonly serverId?: string;
}
