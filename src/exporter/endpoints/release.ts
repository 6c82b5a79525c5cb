/**
 * Whether a server's release has something, where the answer itself cannot tell: a field that servers leave
 * out while it is false looks like a field that they do not know.
 */

const RELEASE = /^v?(\d+)\.(\d+)\.(\d+)/;

/** True where `version` (`2.14.0`, `2.14.0-RC.1`) is `first` or later; false where either is no release. */
export function isSince(version: string | undefined, first: string): boolean {
  const has = RELEASE.exec(version ?? "");
  const needs = RELEASE.exec(first);
  if (!has || !needs) return false;
  for (let part = 1; part <= 3; part++) {
    const difference = Number(has[part]) - Number(needs[part]);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
