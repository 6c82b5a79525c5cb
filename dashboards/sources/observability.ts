/** `docs/observability.md`: what the pack is, how it is loaded, its dashboards and alerts. Pure. */
import { DASHBOARDS } from "./boards/dashboards.ts";
import { alertTables } from "./rules/runbooks.ts";

/** The whole page. */
export function observabilityPage(): string {
  return `# Dashboards, alerts, runbooks

<!-- Made by npm run dashboards: change src/pack/, not this file. -->

${LOADING}

## Dashboards

The pictures are previews, not drawn by Grafana: the same panels with real data.

${DASHBOARDS.map(
  ({ name, title, description }) =>
    `### ${title}\n\n${description} \`dashboards/${name}.json\`\n\n![Preview of ${title}](previews/${name}.png)`,
).join("\n\n")}

## Alerts

Critical is for now, warning for today, info for some day. Every alert says in its summary which one and how bad, links to
a dashboard with it chosen, and has a runbook.

${alertTables("runbooks/")}
`;
}

const LOADING = `Seven dashboards for Grafana and rules for Prometheus, made for natscope's metrics and proven on them: \`npm run test:dashboards\`
runs every query and every rule on a real Prometheus over a real cluster, and makes the important alerts fire by real faults.

**Grafana.** The files in \`dashboards/\` can be provisioned as they are, or imported. They ask for a data source, and
find the rest by themselves. Links between them, and from a row of a table, carry along what is chosen. Points that lead
to traces need a Prometheus with \`--enable-feature=exemplar-storage\`, and a data source that knows where traces are:

\`\`\`yaml
apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    url: http://prometheus:9090
    jsonData:
      exemplarTraceIdDestinations: [{ name: trace_id, datasourceUid: tempo }]
\`\`\`

**Prometheus** 2.42 or newer, by \`rule_files: [natscope.yaml]\` (\`dashboards/rules/natscope.yaml\`), or the operator by
\`k8s/components/prometheus-rule/\`. Jobs may have any name. Several clusters may be in one: alerts tell them apart by the
cluster's own name.

**Alertmanager.** Group by \`alertname\` and \`cluster\`, so that a server with a thousand streams is one message:

\`\`\`yaml
route: { group_by: [alertname, cluster] }
inhibit_rules:
  - source_matchers: [alertname = NatsServerDown]
    target_matchers: [alertname =~ "NatsReplicaLost|NatsMetaPeerLost|NatscopeCollectorFailing"]
    equal: [job]
\`\`\`

**Thresholds of your own** need no rule: say them where the stream or the consumer is made, under the keys of
\`nats server check\`. One alert watches them all, and is critical where the key says so. \`io.nats.monitor.enabled=false\`
silences a consumer or a stream that is allowed to stand still.

\`\`\`sh
nats consumer add ORDERS billing --pull --metadata io.nats.monitor.unprocessed-critical=1000 \\
  --metadata io.nats.monitor.last-ack-critical=5m
\`\`\``;
