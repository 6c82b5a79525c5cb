import { describe, expect, it } from "vitest";
import { Destinations, SubjectLabels } from "../../../src/client/labels/destination.ts";
import { ClientMetrics } from "../../../src/client/metrics/client-metrics.ts";
import { DEFAULT_BOUNDARIES } from "../../../src/client/metrics/table.ts";

function bookOf(rules: { templates?: string[]; limit?: number; inboxPrefix?: string } = {}) {
  const { templates = [], limit = 500, inboxPrefix } = rules;
  const metrics = new ClientMetrics(DEFAULT_BOUNDARIES, 4 * limit);
  const destinations = new Destinations(limit, metrics);
  const overflow = () => metrics.vectors.subjectOverflow.of("subject").value;
  return {
    book: new SubjectLabels(destinations, { templates, inboxPrefix }),
    metrics,
    overflow,
    destinations,
  };
}

describe("a subject's destination", () => {
  it("is a system subject, a template, or the folded subject, in this order", () => {
    const { book } = bookOf({ templates: ["orders.*.>", "orders.>", "_INBOX.>"] });
    expect(
      ["_INBOX.1.2", "orders.1.created", "orders.open", "users.17"].map((subject) => book.of(subject).label),
    ).toEqual(["_INBOX", "orders.*.>", "orders.>", "users.*"]);
  });

  it("is its own subject for a subscription, and a template for its messages", () => {
    const { book } = bookOf({ templates: ["orders.*.created"] });
    const subscription = book.ofSubscription("orders.>");
    expect(subscription.label).toBe("orders.>");
    for (let i = 0; i < 3; i++) {
      expect(book.ofDelivery({ subject: `orders.${i}.created` }, subscription).label).toBe(
        "orders.*.created",
      );
      expect(book.ofDelivery({ subject: "orders.x.gone" }, subscription)).toBe(subscription);
    }
    const other = book.ofSubscription("*.x.gone");
    expect(book.ofDelivery({ subject: "orders.x.gone" }, other)).toBe(other);
    expect(book.ofSubscription("my.inbox.*").label).toBe("my.inbox.*");
    expect(bookOf({ inboxPrefix: "my.inbox" }).book.ofSubscription("my.inbox.*").label).toBe("_INBOX");
  });

  it("is the same for all subjects with the same label", () => {
    const { book } = bookOf();
    expect(book.of("a.1")).toBe(book.of("a.2"));
    expect(book.of("a.1")).toBe(book.ofSubscription("a.*"));
  });

  it("is _other above the limit, and the overflow is counted", () => {
    const { book, overflow } = bookOf({ limit: 2 });
    const labels = ["a", "b", "c", "c", "d", "a"].map((subject) => book.of(subject).label);
    expect(labels).toEqual(["a", "b", "_other", "_other", "_other", "a"]);
    expect(overflow()).toBe(2);
    expect(book.of("c").nameless).toBe(true);
  });

  it("is _other for an invalid subject", () => {
    const { book } = bookOf();
    for (const none of ["", undefined, null, 5, {}]) expect(book.ofAnything(none).label).toBe("_other");
    expect(book.ofSubscription("").label).toBe("_other");
    expect(book.ofAnything("a").label).toBe("a");
  });

  it("is counted under its label for every subject", () => {
    const { book, metrics } = bookOf();
    for (let i = 0; i < 5; i++) book.of(`a.${i}`).countPublished(2);
    const entries = [...metrics.vectors.published.entries()].map(({ values, cell }) => [values, cell.value]);
    expect(entries).toEqual([[["a.*"], 5]]);
    expect(metrics.vectors.publishedBytes.of("a.*").value).toBe(10);
  });
});

describe("the cache of subjects", () => {
  it("finds a recent subject among any number of others", () => {
    const { book } = bookOf({ limit: 10 });
    const kept = book.of("kept.word");
    for (let i = 0; i < 50_000; i++) {
      book.of(`user-${i}.x`);
      if (i % 1000 === 0) expect(book.of("kept.word")).toBe(kept);
    }
  });

  it("holds no more than its limit: older subjects are looked up again and counted", () => {
    const { book, overflow } = bookOf({ limit: 1 });
    book.of("first");
    book.of("rare.word");
    expect(overflow()).toBe(1);
    book.of("rare.word");
    expect(overflow()).toBe(1);
    for (let i = 0; i < 4_000; i++) book.of(`a.${i}.b`);
    const before = overflow();
    book.of("rare.word");
    expect(overflow()).toBe(before + 1);
  });

  it("holds no more delivered subjects than its limit", () => {
    const { book, overflow } = bookOf({ limit: 1, templates: ["rare.*", "a.*.b"] });
    const subscription = book.ofSubscription("first");
    book.ofDelivery({ subject: "rare.word" }, subscription);
    book.ofDelivery({ subject: "rare.word" }, subscription);
    expect(overflow()).toBe(1);
    for (let i = 0; i < 4_000; i++) book.ofDelivery({ subject: `a.${i}.b` }, subscription);
    const before = overflow();
    book.ofDelivery({ subject: "rare.word" }, subscription);
    expect(overflow()).toBe(before + 1);
  });
});
