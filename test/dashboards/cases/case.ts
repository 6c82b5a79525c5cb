/**
 * What an alert is tried with: series as promtool writes them, a minute apart, and what the operator reads then.
 * Every series has `job="nats"`, and servers n1 to n3 are of the cluster C1, unless a case says otherwise.
 */

/** Values by series: `{ 'nats_up{server="n1"}': "1 0x10" }`. */
export type Series = Readonly<Record<string, string>>;

export interface Firing {
  readonly series: Series;
  readonly at: string;
  /** Labels of each alert besides `job`, and what its summary says, in any order. */
  readonly alerts: readonly (readonly [labels: Readonly<Record<string, string>>, summary: string])[];
}

export interface Silent {
  /** What looks like trouble and is none. */
  readonly why: string;
  readonly series: Series;
  readonly at: string;
}

/** By name of the alert. */
export type Cases = Readonly<
  Record<string, { readonly fires: readonly Firing[]; readonly silent: readonly Silent[] }>
>;

/** One alert of one series. */
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

/** `0x2 1000x2 2000x2 …`: rises by `height` every three minutes. */
export function staircase(height: number, steps: number, from = 0): string {
  return Array.from({ length: steps }, (_, i) => `${from + i * height}x2`).join(" ");
}
