/** Alerts about certificates, credentials and limits that clients run into. */
import { SERVER } from "./recordings.ts";
import type { AlertGroup } from "./rule.ts";

const EXPIRY = "nats_server_listener_certificate_expiry_timestamp_seconds";
const LEFT = `min by (${SERVER}, listener) (${EXPIRY}) - time()`;
/** A certificate that was renewed lately is renewed by a machine: one that lives a day always ends tomorrow. */
const renewedIn = (days: number): string =>
  `unless max by (${SERVER}, listener) (changes(${EXPIRY}[${days}d])) > 0`;
const DAY = 86_400;

export const securityAlerts: AlertGroup = {
  name: "natscope.security",
  title: "Certificates, credentials and limits",
  alerts: [
    {
      name: "NatsCertificateExpiresSoon",
      severity: "warning",
      expr: `${LEFT} < 21 * ${DAY} ${renewedIn(21)}`,
      for: "1h",
      keepFiringFor: "1h",
      summary:
        "The certificate of {{ $labels.listener }} on NATS server {{ $labels.server }} has {{ $value | humanizeDuration }} left",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "The certificate that a listener shows expires within three weeks, and was not renewed in the last three. When it does, new connections fail; those that are open stay.",
        look: [
          "NATS / Server, Certificates: all listeners of all servers.",
          "Was it renewed on disk, and the server not told? A server reads it at a reload.",
          "The issuer's log (cert-manager: `kubectl describe certificate`).",
        ],
        act: [
          "Renew it, then reload each server: `nats-server --signal reload`, or SIGHUP.",
          "Let a machine do it, a month ahead.",
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
        "The certificate of {{ $labels.listener }} on NATS server {{ $labels.server }} has {{ $value | humanizeDuration }} left",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "A certificate expires within three days, or has expired. Clients, routes or gateways that connect from then on are refused, so the next restart becomes an outage.",
        look: ["NATS / Server, Certificates: which listener, which servers."],
        act: [
          "Renew and reload now. Do not restart servers before: open connections survive the expiry, restarts do not.",
          "For routes and gateways renew on all servers before the first is restarted.",
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
        meaning: "When an account's JWT expires, all its connections are closed and refused.",
        look: [
          "`nats_account_claim_info`: the account's name and issuer.",
          "`nats_account_claim_issued_timestamp_seconds`: do all servers have the same claims?",
        ],
        act: [
          "Issue the account anew (`nsc edit account --expiry`), push it to the resolver (`nsc push`), see the new expiry arrive.",
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
        "Clients of NATS server {{ $labels.server }} go on failing to authenticate ({{ $labels.reason }})",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "At five or more scrapes of the last quarter of an hour somebody had just been refused. A client with wrong or expired credentials that tries again and again, or somebody who guesses.",
        look: [
          '`nats_client_closed_connections{reason=~"Authentication.*"}`: account and client name, where the client got as far as to say it.',
          "The server's log names the address of each refused connection.",
          "Was a user, a key or an account changed, revoked, or left to expire?",
        ],
        act: [
          "Give the client its new credentials, or stop it.",
          "Addresses that you do not know: close the port to them.",
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
        "NATS server {{ $labels.server }} goes on closing connections at a limit: {{ $labels.reason }}",
      dashboard: ["server", "server"],
      runbook: {
        meaning:
          "Clients are closed because they exceed a limit of the server or of their account: connections, subscriptions, size of a message.",
        look: [
          "The reason says which limit; `nats_client_closed_connections` says which client.",
          "`nats_account_connections_limit` and its like: what the account's claims allow.",
        ],
        act: [
          "Have the client fixed where it leaks connections or subscriptions.",
          "Else raise the limit of the account or the server.",
        ],
      },
    },
  ],
};
