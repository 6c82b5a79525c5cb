/** What a PromQL expression is made of, by the grammar that Prometheus's own editor uses. */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** A place where an expression names series. */
export interface Selector {
  readonly metric: string;
  /** Labels that its matchers speak of. */
  readonly labels: readonly string[];
  /** Function that it is given to directly: `rate`. */
  readonly function: string | undefined;
  /** Whether it is of a range: `x[5m]`. */
  readonly range: boolean;
}

/** Text in which the variables of Grafana have values; of a label, any. */
export function withValues(
  expression: string,
  { interval, range }: { interval: string; range: string } = { interval: "5m", range: "1h" },
): string {
  return expression
    .replaceAll("$__rate_interval", interval)
    .replaceAll("$__range", range)
    .replaceAll("$cluster", ".*")
    .replace(/\$(?=[a-z])\w+/g, ".+");
}

/** Throws where it is not PromQL. */
export function selectorsOf(expression: string): Selector[] {
  const tree = parser.parse(expression);
  const selectors: Selector[] = [];
  tree.iterate({
    enter: ({ type, node, from, to }) => {
      if (type.isError) {
        throw new Error(`not PromQL at ${from}: ${expression.slice(Math.max(0, from - 20), to + 20)}`);
      }
      if (type.name !== "VectorSelector") return;
      const identifier = node.getChild("Identifier");
      selectors.push({
        metric: identifier ? textOf(identifier, expression) : "",
        labels: labelsOf(node, expression),
        range: node.parent?.name === "MatrixSelector",
        function: functionAround(node, expression),
      });
    },
  });
  return selectors;
}

function labelsOf(node: SyntaxNode, expression: string): string[] {
  const labels: string[] = [];
  node.cursor().iterate((inner) => {
    if (inner.name === "LabelName") labels.push(textOf(inner.node, expression));
  });
  return labels;
}

function functionAround(node: SyntaxNode, expression: string): string | undefined {
  const around = node.parent?.name === "MatrixSelector" ? node.parent.parent : node.parent;
  if (around?.name !== "FunctionCallBody") return undefined;
  const identifier = around.parent?.getChild("FunctionIdentifier");
  return identifier ? textOf(identifier, expression) : undefined;
}

const textOf = ({ from, to }: SyntaxNode, expression: string): string => expression.slice(from, to);
