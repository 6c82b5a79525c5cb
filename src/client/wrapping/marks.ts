/**
 * Marks on delivered messages. A message carries a property whose key is a symbol, and methods of natscope in
 * front of the client's. The application may use it as the prototype of an object of its own and call the
 * methods on that.
 */

/** The prototype of the object that carries the mark: the client's own methods are there. */
export function clientMethodsOf<Message extends object>(message: Message, mark: symbol): Message {
  let owner: object = message;
  while (!Object.hasOwn(owner, mark)) owner = Object.getPrototypeOf(owner);
  return Object.getPrototypeOf(owner);
}
