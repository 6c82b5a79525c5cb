/** The members of micro services that natscope uses, as both generations have them. Types only. */
import type { MessageShape } from "../shapes/connection.ts";

/** `ServiceMsg`: a request to a service. */
export interface ServiceMessageShape extends MessageShape {
  /** The message behind the request, which sends the replies; not part of the public interface. */
  readonly msg?: MessageShape;
}

/** `ServiceHandler`. */
export type ServiceHandler = (error: Error | null, message: ServiceMessageShape) => unknown;

/** `EndpointOptions`. */
export interface EndpointOptionsShape {
  readonly subject?: string;
  readonly handler?: ServiceHandler;
}

/** `Service` and `ServiceGroup`, which endpoints are added to. */
export interface ServiceGroupShape {
  addEndpoint(name: string, options?: ServiceHandler | EndpointOptionsShape): RequestsShape;
  addGroup(name?: string, queue?: string): ServiceGroupShape;
}

/** `Service`. */
export interface ServiceShape extends ServiceGroupShape {
  info(): { readonly name: string };
  readonly stopped: Promise<unknown>;
}

/** `QueuedIterator<ServiceMsg>`: requests of an endpoint without a handler. */
export interface RequestsShape extends AsyncIterable<ServiceMessageShape> {
  getPending(): number;
}

/** `ServicesAPI` of v2, `Svcm` of v3. */
export interface ServicesShape {
  add(config: object): Promise<ServiceShape>;
}
