/** The parts of micro services that are used, as both generations have them. Types only. */
import type { MessageShape } from "../shapes/connection.ts";

/** `ServiceMsg`: a request to a service. */
export interface ServiceMessageShape extends MessageShape {
  /** The message that it was made of, which it responds through; not part of the public interface. */
  readonly msg?: MessageShape;
}

/** `ServiceHandler`. */
export type ServiceHandler = (error: Error | null, message: ServiceMessageShape) => unknown;

/** `EndpointOptions`. */
export interface EndpointOptionsShape {
  readonly subject?: string;
  readonly handler?: ServiceHandler;
}

/** What is added to: `Service` and `ServiceGroup`. */
export interface ServiceGroupShape {
  addEndpoint(name: string, options?: ServiceHandler | EndpointOptionsShape): RequestsShape;
  addGroup(name?: string, queue?: string): ServiceGroupShape;
}

/** `Service`. */
export interface ServiceShape extends ServiceGroupShape {
  info(): { readonly name: string };
  readonly stopped: Promise<unknown>;
}

/** `QueuedIterator<ServiceMsg>`: the requests of an endpoint without a handler. */
export interface RequestsShape extends AsyncIterable<ServiceMessageShape> {
  getPending(): number;
}

/** `ServicesAPI` of v2, `Svcm` of v3. */
export interface ServicesShape {
  add(config: object): Promise<ServiceShape>;
}
