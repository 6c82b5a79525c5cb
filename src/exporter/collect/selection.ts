/** Selection of accounts, streams and consumers, and the level of detail. */

/**
 * Patterns for names. An empty `include` matches every name; `exclude` wins over `include`. A pattern matches anywhere in
 * the name unless it is anchored (`^…$`), and must not have the flags `g` or `y`, with which `test()` keeps a position.
 */
export interface NamePatterns {
  readonly include: readonly RegExp[];
  readonly exclude: readonly RegExp[];
}

/** Accounts, streams and consumers to expose, and the level of detail. */
export interface Selection {
  /** By account id: the account's name, or its public key under an operator. */
  readonly accounts: NamePatterns;
  readonly streams: NamePatterns;
  readonly consumers: NamePatterns;
  /** `fold` aggregates all ephemeral consumers of a stream into one series; `each` gives every consumer its own. */
  readonly ephemeralConsumers: "fold" | "each";
  /** Raft groups that `raftz` reports: only the meta group, or also the groups of all streams and consumers. */
  readonly raftGroups: "meta" | "all";
}

/** The default selection: all names, ephemeral consumers folded, the meta group only. */
export const EVERYTHING: Selection = {
  accounts: { include: [], exclude: [] },
  streams: { include: [], exclude: [] },
  consumers: { include: [], exclude: [] },
  ephemeralConsumers: "fold",
  raftGroups: "meta",
};

/** Whether a name is selected: it matches an include pattern (or the list is empty), and matches no exclude pattern. */
export function isSelected(name: string, { include, exclude }: NamePatterns): boolean {
  return (
    (include.length === 0 || include.some((pattern) => pattern.test(name))) &&
    !exclude.some((pattern) => pattern.test(name))
  );
}
