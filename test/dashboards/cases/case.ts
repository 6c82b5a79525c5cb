/**
 * Test cases of an alert: series in promtool's notation, one value per minute, and the expected summaries. Every series
 * gets the label `job="nats"`; servers n1 to n3 form the cluster C1, unless a case has its own nats_server_info.
 */

/** Values by series: `{ 'nats_up{server="n1"}': "1 0x10" }`. */
export type Series = Readonly<Record<string, string>>;

export interface Firing {
  readonly series: Series;
  readonly at: string;
  /** Labels of each alert without `job`, and its summary, in any order. */
  readonly alerts: readonly (readonly [labels: Readonly<Record<string, string>>, summary: string])[];
}

export interface Silent {
  /** Why the alert must not fire. */
  readonly why: string;
  readonly series: Series;
  readonly at: string;
}

/** Cases by the name of the alert. */
export type Cases = Readonly<
  Record<string, { readonly fires: readonly Firing[]; readonly silent: readonly Silent[] }>
>;

/** A case with one firing alert. */
export function fires(
  series: Series,
  at: string,
  labels: Readonly<Record<string, string>>,
  summary: string,
): Firing {
  return { series, at, alerts: [[labels, summary]] };
}

export function silent(why: string, series: Series, at: string): Silent {
  return { why, series, at };
}

/** `0x2 1000x2 2000x2 …`: a value that rises by `height` every three minutes. */
export function staircase(height: number, steps: number, from = 0): string {
  return Array.from({ length: steps }, (_, i) => `${from + i * height}x2`).join(" ");
}
