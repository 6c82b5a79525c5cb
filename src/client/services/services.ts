/**
 * Micro services: `nc.services` of v2 and `Svcm` of v3 add services whose endpoints, including those in
 * groups, record metrics and spans. The services run over the client's own connection, so their discovery
 * replies (PING, INFO, STATS) are neither counted nor traced; nor is the discovery client.
 */
import { context } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { OpenSubscriptionParts } from "../instrumentation/open-subscriptions.ts";
import { delegate } from "../wrapping/delegate.ts";
import { type Iteration, wrapIterator } from "../wrapping/iteration.ts";
import { isPromise, passOn } from "../wrapping/settling.ts";
import { Endpoint, ServiceRequest } from "./service-request.ts";
import type {
  EndpointOptionsShape,
  RequestsShape,
  ServiceGroupShape,
  ServiceHandler,
  ServiceMessageShape,
  ServiceShape,
  ServicesShape,
} from "./shapes.ts";

/**
 * Wraps the object that adds services.
 * @param services of the client's own connection
 */
export function wrapServices<Services extends object>(
  instrumentation: Instrumentation,
  services: Services,
): Services {
  const raw = services as ServicesShape;
  return delegate(services, {
    add: (config: object) => raw.add(config).then((service) => wrapService(instrumentation, service)),
  });
}

function wrapService(instrumentation: Instrumentation, service: ServiceShape): ServiceShape {
  return new ServiceWrapper(instrumentation, service).wrapGroup(service, "");
}

class ServiceWrapper {
  readonly #instrumentation: Instrumentation;
  readonly #service: ServiceShape;

  constructor(instrumentation: Instrumentation, service: ServiceShape) {
    this.#instrumentation = instrumentation;
    this.#service = service;
  }

  /** @param root first part of the subjects of the group's endpoints; empty for the service itself */
  wrapGroup<Group extends ServiceGroupShape>(group: Group, root: string): Group {
    return delegate(group, {
      addGroup: (name = "", ...queue: [string?]) =>
        this.wrapGroup(group.addGroup(name, ...queue), join(root, name)),
      addEndpoint: (name: string, options?: ServiceHandler | EndpointOptionsShape) =>
        this.#addEndpoint(group, root, name, options),
    });
  }

  #addEndpoint(
    group: ServiceGroupShape,
    root: string,
    name: string,
    options: ServiceHandler | EndpointOptionsShape | undefined,
  ): RequestsShape {
    const { handler, subject = name } =
      typeof options === "function" ? { handler: options } : (options ?? {});
    const { name: service } = this.#service.info();
    const describe = () => new Endpoint(this.#instrumentation, service, name, join(root, subject || name));
    if (typeof handler !== "function") {
      const requests = group.addEndpoint(name, options);
      return this.#wrapLoop(requests, describe());
    }
    // The client refuses invalid names and subjects, so the endpoint is created only after that.
    let endpoint: Endpoint | undefined;
    const wrapped = this.#wrapHandler(handler, () => {
      endpoint ??= describe();
      return endpoint;
    });
    const requests = group.addEndpoint(
      name,
      typeof options === "function" ? wrapped : { ...options, handler: wrapped },
    );
    endpoint ??= describe();
    this.#open(endpoint, { pending: () => 0 });
    return requests;
  }

  #open({ destination }: Endpoint, parts: Pick<OpenSubscriptionParts, "pending" | "closed">): void {
    this.#instrumentation.subscriptions.add({ ...parts, destination }, this.#service.stopped);
  }

  #wrapHandler(handler: ServiceHandler, endpointOf: () => Endpoint): ServiceHandler {
    const instrumentation = this.#instrumentation;
    return (error, message) => {
      if (error || message?.data === undefined) return handler(error, message);
      const request = new ServiceRequest(instrumentation, endpointOf(), message);
      let result: unknown;
      try {
        result = instrumentation.tracing
          ? context.with(request.context, handler, undefined, error, message)
          : handler(error, message);
      } catch (failure) {
        request.thrown(failure);
        throw failure;
      }
      if (!isPromise(result)) {
        request.end();
        return result;
      }
      // The client does not wait for the promise: a rejection stays unhandled, and the requester gets no
      // reply.
      return passOn(result, (failure) => request.end(failure));
    };
  }

  #wrapLoop(requests: RequestsShape, endpoint: Endpoint): RequestsShape {
    const instrumentation = this.#instrumentation;
    const iterations = new Set<Iteration<ServiceMessageShape>>();
    const iterate = (): AsyncIterableIterator<ServiceMessageShape> => {
      const { iterator, iteration } = wrapIterator(requests[Symbol.asyncIterator](), {
        begin: (message) => new ServiceRequest(instrumentation, endpoint, message),
        finish: () => iterations.delete(iteration),
        enter: instrumentation.tracing?.enter,
      });
      iterations.add(iteration);
      return iterator;
    };
    this.#open(endpoint, {
      pending: () => requests.getPending(),
      closed: () => {
        for (const iteration of iterations) iteration.over();
      },
    });
    return delegate(requests, { [Symbol.asyncIterator]: iterate });
  }
}

/** Joins subjects as both clients do for endpoints in groups. */
function join(root: string, name: string): string {
  return root && name ? `${root}.${name}` : root || name;
}
