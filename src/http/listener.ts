/**
 * The port: TCP, TLS and HTTP connections, their limits, and how they end. Knows nothing of what is served.
 *
 * The HTTP server owns the port and hands each connection to the TLS settings in force at that moment, so a
 * renewed certificate or a stricter client policy needs no restart.
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { Log } from "../text/log.ts";
import type { HttpReport, Refusal } from "./http-report.ts";
import { reasonToRefuse } from "./web-config/client-auth.ts";
import type { LoadedWebConfig } from "./web-config/load.ts";

export interface ListenAddress {
  /** All interfaces where absent. */
  readonly host?: string;
  /** 0 is any that is free. */
  readonly port: number;
}

export interface ConnectionLimits {
  /** Most connections at once; those beyond are dropped. */
  readonly mostConnections: number;
  /** For a handshake, and for a request to be whole. */
  readonly requestTimeoutMs: number;
}

/** Prometheus keeps one connection per job; each costs some tens of kilobytes. */
export const CONNECTION_LIMITS: ConnectionLimits = { mostConnections: 512, requestTimeoutMs: 10_000 };

export interface ListenerOptions {
  readonly listen: ListenAddress;
  readonly limits: ConnectionLimits;
  /** Asked at each connection. */
  readonly tls: () => LoadedWebConfig["tls"];
  readonly report: HttpReport;
  readonly log: Log;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Above the usual scrape intervals, so that a connection lasts from scrape to scrape. */
const KEEP_ALIVE_MS = 125_000;
/** How long `close` waits for answers under way. */
const CLOSE_GRACE_MS = 20_000;
/** A port scanner must not fill the log. */
const REFUSAL_LOG_INTERVAL_MS = 60_000;

type Tls = NonNullable<LoadedWebConfig["tls"]>;

/** A port, open from `open` to `close`; it cannot be opened again. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: http.Server;
  readonly #serveHttp: (socket: Socket) => void;
  /** HTTP connections, and how many requests of each are being answered. */
  readonly #connections = new Map<Socket, number>();
  /** TCP connections, those in their handshake included. */
  readonly #sockets = new Set<Socket>();
  /** By which settings a TLS connection was let in. */
  readonly #admittedBy = new WeakMap<Socket, Tls>();
  #tls: { readonly settings: Tls; readonly server: TlsServer } | undefined;
  #refusalLogged = Number.NEGATIVE_INFINITY;
  #isClosing = false;
  #closed: Promise<void> | undefined;
  #onLastConnection: (() => void) | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const { mostConnections, requestTimeoutMs } = options.limits;
    this.#server = http.createServer({
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: requestTimeoutMs / 4,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: 16 * 1024,
    });
    this.#server.maxConnections = mostConnections;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serveRequest(request, response);
    this.#server.on("request", onRequest);
    // Bodies are not wanted, so nobody is told to continue.
    this.#server.on("checkContinue", onRequest);
    this.#server.on("drop", () => options.report.refused("limit"));
    // What the server does with a connection becomes the second step; the first is to look at its TLS.
    const [serveHttp] = this.#server.listeners("connection");
    this.#server.removeAllListeners("connection");
    this.#serveHttp = (socket) => serveHttp?.call(this.#server, socket);
    this.#server.on("connection", (socket: Socket) => this.#accept(socket));
  }

  /** Whether `close` was called. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Resolves to the base URL. Rejects with ListenFailure. */
  async open(): Promise<string> {
    const { host, port } = this.#options.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) => reject(new ListenFailure(this.#options.listen, error)));
      this.#server.listen({ port, ...(host !== undefined && host !== "" && { host }) }, resolve);
    });
    this.#server.on("error", (error) => this.#options.log.error(`the port failed: ${error.message}`));
    const { address, family, port: bound } = (this.#server as Server).address() as AddressInfo;
    const scheme = this.#options.tls() ? "https" : "http";
    return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${bound}`;
  }

  /**
   * Ends what is idle, lets answers under way end, and then takes no more connections. Until then it takes
   * them, one request each, so that whoever asks hears that it is closing.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#isClosing = true;
    const grace = setTimeout(() => {
      this.#options.log.warn("connections that did not end in time are cut");
      for (const socket of this.#sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    this.#endIdle();
    // Each of these ends with its last answer; those that come from now on are not waited for.
    const busy = [...this.#connections].filter(([, requests]) => requests > 0);
    await Promise.all(busy.map(([socket]) => new Promise((resolve) => socket.once("close", resolve))));
    const released = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#endIdle();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onLastConnection = resolve;
      });
    }
    // Nobody is served any more: what is left never got through its handshake.
    for (const socket of this.#sockets) socket.destroy();
    await released;
    clearTimeout(grace);
  }

  #endIdle(): void {
    for (const [socket, requests] of this.#connections) if (requests === 0) socket.destroySoon();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const tls = this.#options.tls();
    if (!tls) {
      this.#serve(socket);
      return;
    }
    if (this.#tls?.settings !== tls) this.#tls = { settings: tls, server: this.#createTlsServer(tls) };
    // A TLS server need not listen: its documentation offers this event to hand it connections.
    this.#tls.server.emit("connection", socket);
  }

  #createTlsServer(settings: Tls): TlsServer {
    const server = createTlsServer({
      ...settings.options,
      handshakeTimeout: this.#options.limits.requestTimeoutMs,
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
    this.#options.report.refused(reason);
    const now = performance.now();
    if (now - this.#refusalLogged < REFUSAL_LOG_INTERVAL_MS) return;
    this.#refusalLogged = now;
    const message = `a client was refused: ${why} (more of this kind are only counted for a minute)`;
    this.#options.log.warn(message, { reason, remoteAddress });
  }

  #serve(socket: Socket): void {
    if (!this.#server.listening) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, 0);
    socket.on("close", () => {
      this.#connections.delete(socket);
      if (this.#connections.size === 0) this.#onLastConnection?.();
    });
    this.#serveHttp(socket);
  }

  #serveRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#count(socket, 1);
    response.on("close", () => {
      this.#count(socket, -1);
      if (this.isClosing && this.#connections.get(socket) === 0) socket.destroySoon();
    });
    this.#options.onRequest(request, response);
  }

  /**
   * Whether the connection should end with the answer: natscope ends, a body that nobody reads follows, or
   * the client was let in by rules that are no longer in force.
   */
  isLastRequest(request: IncomingMessage): boolean {
    const hasBody =
      request.headers["transfer-encoding"] !== undefined ||
      (request.headers["content-length"] ?? "0") !== "0";
    return this.isClosing || hasBody || this.#admittedBy.get(request.socket) !== this.#options.tls();
  }

  #count(socket: Socket, change: number): void {
    const requests = this.#connections.get(socket);
    if (requests !== undefined) this.#connections.set(socket, requests + change);
  }
}

/** Why the port cannot be had, in one sentence; `code` is the system's, such as EADDRINUSE. */
export class ListenFailure extends Error {
  override readonly name = "ListenFailure";
  readonly code: string;

  constructor({ host = "", port }: ListenAddress, cause: NodeJS.ErrnoException) {
    const where = host === "" ? "this machine" : host;
    const sentences: Readonly<Record<string, string>> = {
      EADDRINUSE: `port ${port} of ${where} is in use`,
      EACCES: `port ${port} of ${where} may not be used by this account`,
      EADDRNOTAVAIL: `${where} is not an address of this machine`,
      ENOTFOUND: `${where} is not the name of a host that can be found`,
    };
    const code = cause.code ?? "";
    super(sentences[code] ?? `port ${port} of ${where} cannot be opened: ${cause.message}`, { cause });
    this.code = code;
  }
}
