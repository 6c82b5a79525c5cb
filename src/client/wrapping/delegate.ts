/**
 * A wrapper in front of an object of the client: it has a few members of its own, and every other access goes
 * to the client's object, with `this` bound to it.
 *
 *     application ──> front                 own, plain properties: publish, request, subscribe, …
 *                       │ prototype
 *                     Proxy                 every other member: get → raw's value, methods bound to raw; set → raw
 *                       │ target
 *                     raw                   the client's object; its methods call its own members, never front's
 *
 * So each operation is seen exactly once: when the client's `request` calls its own `publish`, ours is not
 * called. Own members are found as fast as those of any object; only the others pay for the Proxy, which is
 * about ten times slower. `front instanceof C` equals `raw instanceof C`, because the Proxy has raw's prototype.
 *
 * To debug: `Object.hasOwn(front, name)` tells whether a call is ours; `rawOf(front)` returns the client's object.
 */
import { registerWrapper } from "./registrations.ts";

/**
 * Returns `raw` with these members in front.
 * @param members methods and values; getters stay getters
 */
export function delegate<T extends object>(raw: T, members: object): T {
  const front = Object.create(proxyOf(raw)) as T;
  Object.defineProperties(front, Object.getOwnPropertyDescriptors(members));
  registerWrapper(front, raw);
  return front;
}

function proxyOf(raw: object): object {
  /** Each method is bound once, so that it is the same function at each access. */
  const bound = new Map<unknown, unknown>();
  return new Proxy(raw, {
    get(target, property) {
      const value = Reflect.get(target, property, target);
      if (typeof value !== "function" || property === "constructor") return value;
      let method = bound.get(value);
      if (!method) {
        method = value.bind(target);
        bound.set(value, method);
      }
      return method;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}
