/** Selectors of a PromQL expression, parsed with the grammar of Prometheus's own editor. */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** A vector or range selector in an expression. */
export interface Selector {
  readonly metric: string;
  /** Labels of its matchers. */
  readonly labels: readonly string[];
  /** Function that it is a direct argument of, such as `rate`. */
  readonly function: string | undefined;
  /** Whether it is a range selector: `x[5m]`. */
  readonly range: boolean;
}

/** An expression with values for Grafana's variables; a label variable matches any value. */
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

/**
 * The selectors of an expression.
 *
 * @throws Error if the expression is not valid PromQL
 */
export function selectorsOf(expression: string): Selector[] {
  const tree = parser.parse(expression);
  const selectors: Selector[] = [];
  tree.iterate({
    enter: ({ type, node, from, to }) => {
      if (type.isError) {
        throw new Error(`invalid PromQL at ${from}: ${expression.slice(Math.max(0, from - 20), to + 20)}`);
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
