/**
 * One port: TCP, TLS and HTTP connections, their limits, and how they end. Does not know what is served.
 *
 * The HTTP server owns the port and hands each connection to the TLS settings in force at that moment. So a renewed
 * certificate or a stricter client policy needs no restart.
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { ListenAddress } from "../input/kinds.ts";
import { ExpectedError } from "../text/expected-error.ts";
import type { Log } from "../text/log.ts";
import type { Refusal, RequestMetrics } from "./request-metrics.ts";
import { reasonToRefuse } from "./web-config/client-auth.ts";
import type { LoadedWebConfig } from "./web-config/load.ts";

export interface ConnectionLimits {
  /** Maximum open connections; more are closed at once. Each costs some tens of kilobytes. */
  readonly maxConnections: number;
  /** Deadline for a TLS handshake, and for a complete request. */
  readonly requestTimeoutMs: number;
  /** How long `close` waits for responses in flight before it cuts their connections. */
  readonly closeGraceMs: number;
}

/** Prometheus keeps one connection per job. */
const CONNECTION_LIMITS: ConnectionLimits = {
  maxConnections: 512,
  requestTimeoutMs: 10_000,
  closeGraceMs: 20_000,
};

interface ListenerOptions {
  readonly listen: ListenAddress;
  /** Missing limits are taken from `CONNECTION_LIMITS`. */
  readonly limits: Partial<ConnectionLimits>;
  /** False: the process may end while the port is open. */
  readonly keepsProcessAlive: boolean;
  /** Called for each connection. */
  readonly tls: () => LoadedWebConfig["tls"];
  readonly metrics: RequestMetrics;
  readonly log: Log;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, listener: Listener) => void;
}

/** Longer than usual scrape intervals, so that a connection is kept from scrape to scrape. */
const KEEP_ALIVE_MS = 125_000;
/** Keeps a port scanner from filling the log. */
const REFUSAL_LOG_INTERVAL_MS = 60_000;

type Tls = NonNullable<LoadedWebConfig["tls"]>;

/** Opened once, closed once. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #limits: ConnectionLimits;
  readonly #server: http.Server;
  readonly #serveHttp: (socket: Socket) => void;
  /** HTTP connections and their responses in flight. */
  readonly #connections = new Map<Socket, Set<ServerResponse>>();
  /** TCP connections, including those in their TLS handshake. */
  readonly #sockets = new Set<Socket>();
  /** The settings by which a TLS connection was accepted. */
  readonly #admittedBy = new WeakMap<Socket, Tls>();
  #tls: { readonly settings: Tls; readonly server: TlsServer } | undefined;
  #refusalLogged = Number.NEGATIVE_INFINITY;
  #isClosing = false;
  #closed: Promise<void> | undefined;
  #onLastConnection: (() => void) | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = { ...CONNECTION_LIMITS, ...options.limits };
    const { maxConnections, requestTimeoutMs } = this.#limits;
    this.#server = http.createServer({
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: requestTimeoutMs / 4,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: 16 * 1024,
    });
    this.#server.maxConnections = maxConnections;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serveRequest(request, response);
    this.#server.on("request", onRequest);
    // A client that waits for "100 Continue" gets its answer instead: bodies are not read.
    this.#server.on("checkContinue", onRequest);
    this.#server.on("drop", () => options.metrics.refused("limit"));
    // The server's own handler becomes the second step of a connection; the first is TLS.
    const [serveHttp] = this.#server.listeners("connection");
    this.#server.removeAllListeners("connection");
    this.#serveHttp = (socket) => serveHttp?.call(this.#server, socket);
    this.#server.on("connection", (socket: Socket) => this.#accept(socket));
  }

  /** Whether `close` was called. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Resolves to the base URL. @throws {ListenFailure} */
  async open(): Promise<string> {
    const { host, port } = this.#options.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) => reject(new ListenFailure(this.#options.listen, error)));
      this.#server.listen({ port, ...(host !== undefined && host !== "" && { host }) }, resolve);
    });
    // From now on an error concerns one connection that could not be accepted.
    this.#server.on("error", (error) => this.#options.log.error(`accept failed: ${error.message}`));
    if (!this.#options.keepsProcessAlive) this.#server.unref();
    const { address, family, port: bound } = (this.#server as Server).address() as AddressInfo;
    const scheme = this.#options.tls() ? "https" : "http";
    return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${bound}`;
  }

  /**
   * Closes idle connections, waits for responses in flight, then closes the port. Until then connections are
   * accepted for one request each.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#isClosing = true;
    const grace = setTimeout(() => {
      this.#options.log.warn(`closing connections that did not end within ${this.#limits.closeGraceMs} ms`);
      for (const socket of this.#sockets) socket.destroy();
    }, this.#limits.closeGraceMs);
    if (!this.#options.keepsProcessAlive) grace.unref();
    this.#endIdle();
    // Each of these closes after its last response. Connections accepted from now on are not waited for.
    const busy = [...this.#connections].filter(([, responses]) => responses.size > 0);
    for (const [, responses] of busy) {
      const last = [...responses].at(-1); // of pipelined requests
      if (last && !last.headersSent) last.setHeader("Connection", "close");
    }
    await Promise.all(busy.map(([socket]) => new Promise((resolve) => socket.once("close", resolve))));
    const released = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#endIdle();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onLastConnection = resolve;
      });
    }
    // The remaining connections never completed their handshake.
    for (const socket of this.#sockets) socket.destroy();
    await released;
    clearTimeout(grace);
  }

  #endIdle(): void {
    for (const [socket, responses] of this.#connections) if (responses.size === 0) socket.destroySoon();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    if (!this.#options.keepsProcessAlive) socket.unref();
    socket.on("close", () => this.#sockets.delete(socket));
    const tls = this.#options.tls();
    if (!tls) {
      this.#serve(socket);
      return;
    }
    if (this.#tls?.settings !== tls) this.#tls = { settings: tls, server: this.#createTlsServer(tls) };
    // A TLS server need not listen: Node.js documents this event as the way to hand it connections.
    this.#tls.server.emit("connection", socket);
  }

  #createTlsServer(settings: Tls): TlsServer {
    const server = createTlsServer({
      ...settings.options,
      handshakeTimeout: this.#limits.requestTimeoutMs,
    });
    server.on("secureConnection", (socket) => {
      socket.on("error", () => socket.destroy());
      const reason = reasonToRefuse(socket, settings.clientAuth);
      if (reason) {
        this.#refuse(socket, "client_certificate", reason);
        return;
      }
      this.#admittedBy.set(socket, settings);
      this.#serve(socket);
    });
    server.on("tlsClientError", (error, socket) => this.#refuse(socket, "tls", error.message));
    return server;
  }

  #refuse(socket: TLSSocket, reason: Refusal, why: string): void {
    const { remoteAddress } = socket;
    socket.destroy();
    this.#options.metrics.refused(reason);
    const now = performance.now();
    if (now - this.#refusalLogged < REFUSAL_LOG_INTERVAL_MS) return;
    this.#refusalLogged = now;
    const message = `refused a client: ${why} (for a minute, further refusals are only counted)`;
    this.#options.log.warn(message, { reason, remoteAddress });
  }

  #serve(socket: Socket): void {
    if (!this.#server.listening) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, new Set());
    socket.on("close", () => {
      this.#connections.delete(socket);
      if (this.#connections.size === 0) this.#onLastConnection?.();
    });
    this.#serveHttp(socket);
  }

  #serveRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const responses = this.#connections.get(socket);
    responses?.add(response);
    response.on("close", () => {
      responses?.delete(response);
      if (this.isClosing && responses?.size === 0) socket.destroySoon();
    });
    this.#options.onRequest(request, response, this);
  }

  /**
   * Whether the connection has to close after this request: the server closes, an unread body follows, or the
   * client was accepted by TLS settings that are no longer in force.
   */
  isLastRequest(request: IncomingMessage): boolean {
    const hasBody =
      request.headers["transfer-encoding"] !== undefined ||
      (request.headers["content-length"] ?? "0") !== "0";
    return this.isClosing || hasBody || this.#admittedBy.get(request.socket) !== this.#options.tls();
  }
}

/** A port that cannot be opened. */
export class ListenFailure extends ExpectedError {
  override readonly name = "ListenFailure";
  /** The system's error code, such as EADDRINUSE. */
  readonly code: string;

  constructor({ host = "", port }: ListenAddress, cause: NodeJS.ErrnoException) {
    const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const code = cause.code ?? "";
    super(`cannot listen on ${address}: ${LISTEN_ERRORS[code] ?? cause.message}`, { cause });
    this.code = code;
  }
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "the address does not belong to this machine",
  ENOTFOUND: "host not found",
};
