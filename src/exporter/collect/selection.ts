/** Which accounts, streams and consumers are wanted, and how much is said about each. */

/** Patterns over names. Empty `include` is everything; `exclude` wins. */
export interface NamePatterns {
  readonly include: readonly RegExp[];
  readonly exclude: readonly RegExp[];
}

export interface Selection {
  readonly accounts: NamePatterns;
  readonly streams: NamePatterns;
  readonly consumers: NamePatterns;
  /** `fold`: one series per stream for all ephemeral consumers together; `each`: one per consumer. */
  readonly ephemeralConsumers: "fold" | "each";
  /** Raft groups of which `raftz` speaks: the meta group only, or every stream's and consumer's too. */
  readonly raftGroups: "meta" | "all";
}

/** Nothing left out; ephemeral consumers folded, raft groups but the meta group unsaid. */
export const EVERYTHING: Selection = {
  accounts: { include: [], exclude: [] },
  streams: { include: [], exclude: [] },
  consumers: { include: [], exclude: [] },
  ephemeralConsumers: "fold",
  raftGroups: "meta",
};

/** Whether a name is wanted: included by one pattern, or by there being none, and excluded by none. */
export function isSelected(name: string, { include, exclude }: NamePatterns): boolean {
  return (
    (include.length === 0 || include.some((pattern) => pattern.test(name))) &&
    !exclude.some((pattern) => pattern.test(name))
  );
}
