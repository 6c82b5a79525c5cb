/**
 * Known breaks of the rules in `tidy.test.ts`. Each list only shrinks: remove a name once it is fixed.
 */

/** Whether a name that is fixed has to be removed here. */
export const STRICT = false;

/** Folders whose own files and folders import each other in a circle. */
export const FOLDERS_WITH_CIRCLES: readonly string[] = [
  "dashboards/sources",

  "src/bench",

  "src/bench/report",

  "src/cli",

  "src/exporter",

  "src/http",
];

/** Exports that are used only in their own file or only by tests, in paragraphs of one room each. */
export const ALLOWED_IDLE_EXPORTS: readonly string[] = [
  // src/bench/environment
  "Known",
  "NO_HOST",
  "fingerprintOf",
  "hostFacts",
  "isThisHost",

  // src/bench/faults
  "LeaderChange",
  "Until",

  // src/bench/measure
  "COUNTER",
  "Stage",
  "mergeAll",

  // src/bench/options
  "Applies",
  "BenchGiven",
  "BenchmarkFile",
  "OPTIONS",
  "OutputFile",

  // src/bench/prepare
  "PrepareErrorType",
  "Preparing",

  // src/bench/progress
  "LastSecond",
  "Onlookers",
  "ScreenSize",

  // src/bench/report
  "ServerChart",

  // src/bench/result
  "BacklogFound",
  "Confidence",
  "Drawing",
  "ENOUGH_ABOVE",
  "LEAST_ABOVE",
  "LEAST_INTERVALS",
  "LEAST_LENGTH",
  "Range",
  "RatesFound",
  "Series",
  "Statistic",
  "Steadiness",
  "SteadinessFound",
  "Trust",
  "TrustedSummary",
  "backlogOf",
  "interruptedVerdict",
  "isAbout",
  "percentileRanges",
  "samplesFor",

  // src/bench/runner
  "Around",
  "Due",
  "Ending",
  "Ends",
  "FinishedRuns",
  "LinkListener",
  "MeasuredWindow",
  "SecondOf",

  // src/bench/worker
  "Answered",
  "Ask",
  "Drive",
  "KnownOperations",
  "LaneShare",
  "OnAnswer",
  "Outgoing",
  "PUBLISHERS_OF_A_RUN",
  "Piece",
  "ReceiverParts",
  "STREAM_AS_PUBLISHER",
  "TimedBy",
  "carrierOf",
  "namesOf",

  // src/cli
  "COMMANDS",
  "CommandName",
  "Invocation",
  "ReportArguments",

  // src/client/auto-instrument
  "Connecting",
  "RegisterSettings",

  // src/client/core
  "OutgoingMessage",

  // src/client/instrumentation
  "InstrumentationParts",
  "SharedSettings",

  // src/client/jetstream
  "AckState",
  "Carry",
  "SourceFacts",

  // src/client/labels
  "DEFAULT_INBOX_PREFIX",
  "INBOX",
  "SubjectRules",

  // src/client/metrics
  "GaugeSource",

  // src/client/nats-io-v3
  "patchExports",

  // src/client/retry
  "OwnOptions",
  "RetryableJetStream",
  "RetryablePublisher",
  "RetryableRequester",

  // src/client/shapes
  "ProtocolShape",

  // src/client/stores
  "BucketOutcome",
  "Watched",
  "WrapBucket",

  // src/client/wrapping
  "Visit",

  // src/exporter/collect
  "helpOf",

  // src/exporter/endpoints
  "ConnectionFigure",
  "ConnectionKind",
  "ConnzDocuments",
  "EVERYTHING_ABOUT_JETSTREAM",
  "Listener",
  "Named",
  "PAGE_SIZE",
  "Replica",
  "Threshold",
  "account",
  "accountLink",
  "accountName",
  "accounts",
  "allClients",
  "claimInfo",
  "claims",
  "clients",
  "failingAsset",
  "failingAssets",
  "goRuntime",
  "health",
  "healthCheck",
  "inboundGateway",
  "kindOf",
  "leaf",
  "leafInfo",
  "openConnections",
  "outboundGateway",
  "queueKind",
  "queues",
  "raftAccounts",
  "raftGroup",
  "raftPeer",
  "route",
  "routeInfo",
  "subjectIndex",
  "transports",

  // src/exporter/prometheus-nats-exporter
  "ConsumerItem",
  "ExporterArguments",
  "ExporterOptions",
  "HealthCheck",
  "StreamItem",
  "WrittenFlag",

  // src/exporter/scrape
  "COLLECTOR_DURATION",
  "COLLECTOR_FAILURES",
  "COLLECTOR_SUCCESS",
  "LAST_SUCCESS",
  "REQUESTS_IN_FLIGHT",
  "SCRAPES_IN_FLIGHT",
  "SERIES_DROPPED",
  "UP",

  // src/exporter/server
  "ExporterServer",
  "ExporterServerOptions",
  "LandingPage",

  // src/exporter/settings
  "COLLECTOR_WORDS",
  "Group",
  "MONITOR_KEYS",
  "Prepared",
  "RESERVED_PATHS",
  "SeriesLimit",
  "Setting",
  "Targets",
  "collectorsOf",
  "gatherYaml",
  "selectionOf",

  // src/exporter/sources
  "CUT_FROM_BYTES",
  "MAX_UNCUT_BODY_BYTES",

  // src/http
  "CONNECTIONS_REFUSED",
  "DeadlineOptions",
  "HTTP_REQUESTS",
  "ListenerOptions",
  "ParsedWebConfig",
  "REFUSALS",
  "Representation",
  "Verdict",
  "WebFlags",
  "subjectAltNames",

  // src/input
  "Entry",
  "KnownKey",
  "ListenAddress",

  // src/metrics
  "RegistryMetric",
  "RegistryValue",
  "escapeLabelValue",
  "formatValue",

  // src/nats
  "ConnectFromEnvHow",
  "Credentials",
  "ROWS",
  "Row",
  "UserCredentials",

  // src/text
  "ExpectedError",
];

/** Files that the documents name though they do not exist. */
export const MISSING_FILES: readonly string[] = [
  "src/scrape/endpoints/",
  "test/scrape/samples/",
  "src/instrument/operations/",
  "buckets/",
  "src/cli/bench/*-options.ts",
  "src/pack/dashboards/",
  "src/pack/rules/",
  "test/pack/cases/",
  "scrape/collector.ts",
  "scrape/table.ts",
  "observer.ts",
  "operations/",
  "modern/",
  "driver/nats-client.ts",
  "fetch/document.ts",
];
