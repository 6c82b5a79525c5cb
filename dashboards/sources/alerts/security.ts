/** Alerts about certificates, credentials, and limits that clients reach. */
import { SERVER } from "../prometheus/recordings.ts";
import type { AlertGroup } from "../prometheus/rule.ts";

const EXPIRY = "nats_server_listener_certificate_expiry_timestamp_seconds";
const LEFT = `min by (${SERVER}, listener) (${EXPIRY}) - time()`;
/** Excludes certificates renewed in the last days: renewal is automated, and a short-lived certificate always expires soon. */
const renewedIn = (days: number): string =>
  `unless max by (${SERVER}, listener) (changes(${EXPIRY}[${days}d])) > 0`;
const DAY = 86_400;

export const securityAlerts: AlertGroup = {
  name: "natscope.security",
  title: "Certificates, credentials and limits",
  source: "security.ts",
  alerts: [
    {
      name: "NatsCertificateExpiresSoon",
      severity: "warning",
      expr: `${LEFT} < 21 * ${DAY} ${renewedIn(21)}`,
      for: "1h",
      keepFiringFor: "1h",
      summary:
        "The certificate of listener {{ $labels.listener }} on NATS server {{ $labels.server }} expires in {{ $value | humanizeDuration }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "The listener's certificate expires within three weeks, and was not renewed in the last three.",
        impact: "Open connections survive the expiry, but from then on new connections fail.",
        diagnosis: [
          "Open NATS / Server, Certificates: all listeners of all servers.",
          "Check whether the file was renewed but the server not reloaded: a server reads the file only at a reload.",
          "Check the log of the issuer (cert-manager: `kubectl describe certificate`).",
        ],
        mitigation: [
          "Renew the certificate, then reload each server (`nats-server --signal reload`, or SIGHUP).",
          "Automate the renewal, a month ahead.",
        ],
      },
    },
    {
      name: "NatsCertificateExpires",
      severity: "critical",
      expr: `(${LEFT} < 3 * ${DAY} ${renewedIn(3)}) or ${LEFT} < 0`,
      for: "5m",
      keepFiringFor: "10m",
      summary:
        "The certificate of listener {{ $labels.listener }} on NATS server {{ $labels.server }} expires in {{ $value | humanizeDuration }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "The listener's certificate expires within three days. A negative time means that it has expired.",
        impact:
          "Clients, routes and gateways that connect after the expiry are refused, so the next restart becomes an outage.",
        diagnosis: ["Open NATS / Server, Certificates: which listeners of which servers?"],
        mitigation: [
          "Renew the certificate and reload the server now. Do not restart servers before: open connections survive the expiry, restarts do not.",
          "For routes and gateways, renew the certificate on all servers before you restart the first one.",
        ],
      },
    },
    {
      name: "NatsAccountClaimExpires",
      severity: "warning",
      expr: `min by (job, namespace, account) (nats_account_claim_expiry_timestamp_seconds) - time() < 7 * ${DAY}`,
      for: "1h",
      keepFiringFor: "1h",
      summary: "The claims of account {{ $labels.account }} expire in {{ $value | humanizeDuration }}",
      dashboard: ["server"],
      runbook: {
        meaning: "The JWT of the account expires within a week.",
        impact: "At the expiry the servers close all connections of the account and refuse new ones.",
        diagnosis: [
          "Query `nats_account_claim_info` for the name and issuer of the account.",
          "Compare `nats_account_claim_issued_timestamp_seconds` of all servers: do they have the same claims?",
        ],
        mitigation: [
          "Issue the account again (`nsc edit account --expiry`) and push it to the resolver (`nsc push`). The new expiry appears at the next scrape.",
        ],
      },
    },
    {
      name: "NatsAuthenticationFailures",
      severity: "warning",
      expr: `max by (${SERVER}, reason) (changes(nats_closed_connections_last_timestamp_seconds{reason=~"Authentication (Failure|Timeout|Expired)"}[15m])) >= 5`,
      for: "0s",
      keepFiringFor: "15m",
      summary:
        "NATS server {{ $labels.server }} refused clients at {{ $value }} scrapes in 15 minutes ({{ $labels.reason }})",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "At five or more scrapes in the last 15 minutes the server had just refused a client. A client retries with wrong or expired credentials, or an attacker is guessing.",
        impact: "The client cannot connect.",
        diagnosis: [
          'Query `nats_client_closed_connections{reason=~"Authentication.*"}` for the account and the client name, if the client sent them.',
          "Read the server's log for the address of each refused connection.",
          "Was a user, a key or an account changed, revoked, or left to expire?",
        ],
        mitigation: [
          "Give the client its new credentials, or stop it.",
          "If you do not know the address, block it.",
        ],
      },
    },
    {
      name: "NatsLimitsReached",
      severity: "warning",
      expr: `max by (${SERVER}, reason) (changes(nats_closed_connections_last_timestamp_seconds{reason=~"Max.*"}[15m])) >= 3`,
      for: "0s",
      keepFiringFor: "15m",
      summary:
        "NATS server {{ $labels.server }} closed connections at a limit at {{ $value }} scrapes in 15 minutes: {{ $labels.reason }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "Clients exceed a limit of the server or of their account: connections, subscriptions, or message size.",
        impact: "The server closes their connections.",
        diagnosis: [
          "The label `reason` names the limit; `nats_client_closed_connections` names the clients.",
          "Query `nats_account_connections_limit` and the other `nats_account_…_limit` metrics for the limits of the account.",
        ],
        mitigation: [
          "If the client leaks connections or subscriptions, fix it.",
          "Otherwise raise the limit of the account or of the server.",
        ],
      },
    },
  ],
};
