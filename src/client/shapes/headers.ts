/** Message headers, as `MsgHdrs` of both client generations has them. */

/** The members of `MsgHdrs` that natscope reads and writes. */
export interface HeadersShape extends Iterable<[string, string[]]> {
  get(key: string): string;
  set(key: string, value: string): void;
  append(key: string, value: string): void;
  values(key: string): string[];
  keys(): string[];
  encode?(): Uint8Array;
}

/**
 * Returns a copy of headers, of the same class: `MsgHdrsImpl` of either generation starts empty.
 * @param isCopied selects the keys to copy; default: all
 */
export function copyOfHeaders<Headers extends HeadersShape>(
  headers: Headers,
  isCopied: (key: string) => boolean = () => true,
): Headers {
  const copy = Reflect.construct(headers.constructor, []) as Headers;
  for (const [key, values] of headers) {
    if (isCopied(key)) for (const value of values) copy.append(key, value);
  }
  return copy;
}
