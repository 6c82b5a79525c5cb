/** The form of a bcrypt hash, as both bcryptjs and Go's golang.org/x/crypto/bcrypt accept it. */

/** Version, cost 4 to 31, then 22 characters of salt and 31 of hash. */
const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/**
 * Whether the text is a bcrypt hash. Excluded are `$2$` and `$2x$`, which Go accepts and bcryptjs does not: the
 * former is obsolete, the latter marks hashes of a faulty implementation.
 */
export function isBcryptHash(text: string): boolean {
  return BCRYPT_HASH.test(text);
}
