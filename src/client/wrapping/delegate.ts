/**
 * An object in front of another: it has some members of its own, and everything else is the other's, called
 * upon the other. So each call is seen once, however the other is built: a client's `request` calls its own
 * `publish`, not ours.
 *
 * Its own members are plain properties, found as fast as those of any object; a `Proxy`, which costs ten times
 * as much at each access, stands behind it as its prototype. `instanceof` says what it says of the other.
 */

const RAW = new WeakMap<object, object>();

/**
 * `raw`, with these members in front.
 * @param members methods and values; getters stay getters
 */
export function delegate<T extends object>(raw: T, members: object): T {
  const front = Object.create(behind(raw)) as T;
  Object.defineProperties(front, Object.getOwnPropertyDescriptors(members));
  RAW.set(front, raw);
  return front;
}

/** What stands behind an object that `delegate` made; the object itself if it did not. */
export function rawOf<T>(value: T): T {
  return ((typeof value === "object" && value !== null && RAW.get(value)) || value) as T;
}

function behind(raw: object): object {
  /** Bound once, so that a method is the same function each time it is asked for. */
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
