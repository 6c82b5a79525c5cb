/**
 * Delivered messages carry a mark (a property whose key is a symbol) and methods of natscope's in front of the
 * client's own. An application may have made an object of its own upon such a message, and call them upon that.
 */

/** What stands behind the message that has the mark: the client's own methods are there. */
export function behindMarked<Message extends object>(message: Message, mark: symbol): Message {
  let marked: object = message;
  while (!Object.hasOwn(marked, mark)) marked = Object.getPrototypeOf(marked);
  return Object.getPrototypeOf(marked);
}
