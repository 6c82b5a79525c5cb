import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ExporterSettings,
  parseExporterArguments,
} from "../../../src/exporter/prometheus-nats-exporter/arguments.ts";
import { exporterUsage } from "../../../src/exporter/prometheus-nats-exporter/flags.ts";

const URL_ARGUMENT = "http://localhost:8222";

function settings(...argv: string[]): ExporterSettings {
  const parsed = parseExporterArguments(argv);
  if (parsed.kind !== "settings") throw new Error(JSON.stringify(parsed));
  return parsed.settings;
}

function problems(...argv: string[]): readonly string[] {
  const parsed = parseExporterArguments(argv);
  if (parsed.kind !== "problems") throw new Error(JSON.stringify(parsed));
  return parsed.problems;
}

const kind = (...argv: string[]): string => parseExporterArguments(argv).kind;

describe("whose arguments they are", () => {
  it.each([
    [[]],
    [["serve"]],
    [["serve", "--monitor", URL_ARGUMENT]],
    [["config", URL_ARGUMENT]],
    [["--help"]],
    [["--version"]],
    [["-h"]],
    [["-V"]],
    [["--monitor", URL_ARGUMENT]],
    [["--listen=:7777"]],
  ])("%j are natscope's own", (argv) => {
    expect(kind(...argv)).toBe("not-exporter-arguments");
  });

  it.each([
    [["-varz", URL_ARGUMENT]],
    [["--varz", URL_ARGUMENT]],
    [["--prefix=nats", URL_ARGUMENT]],
    [[URL_ARGUMENT]],
    [["id,http://a:8222"]],
    [["HTTPS://a:8222"]],
    [["-p", "7778", URL_ARGUMENT]],
    [["-DV", URL_ARGUMENT]],
    [["-V", URL_ARGUMENT]],
  ])("%j are the exporter's", (argv) => {
    expect(kind(...argv)).toBe("settings");
  });

  it("may ask for the version or for help", () => {
    expect(kind("-version")).toBe("version");
    expect(kind("-varz", "--version", URL_ARGUMENT)).toBe("version");
    expect(kind("-version=false", URL_ARGUMENT)).toBe("settings");
    expect(kind("-help")).toBe("help");
    expect(kind("-varz", "-h")).toBe("help");
  });
});

it("reads the argument list of the official Helm chart", () => {
  expect(
    settings(
      "-port=7777",
      "-connz",
      "-routez",
      "-subz",
      "-varz",
      "-prefix=nats",
      "-use_internal_server_id",
      "-jsz=all",
      "-leafz",
      "-gatewayz",
      "http://localhost:8222/",
    ),
  ).toEqual({
    listen: { host: "0.0.0.0", port: 7777 },
    path: "/metrics",
    log: { level: "info" },
    prefix: "nats",
    collect: ["varz", "connz", "gatewayz", "leafz", "routez", "subz"],
    jsz: { detail: "consumers" },
    serverId: "server-id",
    targets: [{ url: new URL("http://localhost:8222") }],
    warnings: [],
  });
});

it("reads every other flag", () => {
  const read = settings(
    ...["-a", "127.0.0.1", "-p", "0x1F90", "-path", "scrape", "-ri", "5", "-l", "x.log", "-D"],
    ...["-connz_detailed=t", "-healthz=1", "--healthz_js_enabled_only", "-healthz_js_server_only=TRUE"],
    ...["-accstatz", "-accountz", "-varz=false", "-jsz", "Stream", "-jsz_stream_meta_keys", "a,b"],
    ...["-jsz_consumer_meta_keys=c", "-use_internal_server_name", "-tlscert=c.pem", "-tlskey=k.pem"],
    ...["-tlscacert=ca.pem", "-http_user=u", "-http_pass=p=w", URL_ARGUMENT],
  );
  expect(read).toEqual({
    listen: { host: "127.0.0.1", port: 8080 },
    path: "/scrape",
    tls: { certificateFile: "c.pem", keyFile: "k.pem", clientAuthoritiesFile: "ca.pem" },
    basicAuth: { user: "u", password: { form: "plain", text: "p=w" } },
    log: { level: "debug", file: "x.log" },
    collect: [
      "connz_detailed",
      "healthz",
      "healthz_js_enabled_only",
      "healthz_js_server_only",
      "accstatz",
      "accountz",
    ],
    jsz: { detail: "streams", streamMetadataKeys: ["a", "b"], consumerMetadataKeys: ["c"] },
    serverId: "server-name",
    targets: [{ url: new URL("http://localhost:8222") }],
    warnings: [expect.stringContaining("-tlscacert is enforced")],
  });
});

it("reads flags as Go does", () => {
  expect(problems("-prefix", "-varz", URL_ARGUMENT)).toEqual([expect.stringContaining('got "-varz"')]);
  expect(settings("-port=1", "-port=2", URL_ARGUMENT).listen.port).toBe(2);
  expect(settings("-varz", "--", URL_ARGUMENT).targets).toHaveLength(1);
  expect(problems("-varz", URL_ARGUMENT, "-connz")).toEqual([expect.stringContaining("put it before")]);
});

it("collects varz where no metric is asked for, and beside jsz where only that is", () => {
  expect(settings(URL_ARGUMENT)).toMatchObject({ collect: ["varz"], warnings: [expect.any(String)] });
  expect(settings("-jsz=all", URL_ARGUMENT)).toMatchObject({
    collect: ["varz"],
    jsz: { detail: "consumers" },
    warnings: [],
  });
  expect(settings("-jsz=all", "-connz", URL_ARGUMENT)).toMatchObject({ collect: ["connz"] });
  expect(settings("-connz_detailed", URL_ARGUMENT)).toMatchObject({ collect: ["connz_detailed"] });
});

it("takes a user with a colon, with a warning that tells no secret", () => {
  const { warnings } = settings("-varz", "http://u%3Av:QQSECRET@h:1");
  expect(warnings).toEqual([expect.stringMatching(/^The user for http:\/\/h:1\/ has a colon: /)]);
});

describe("server_id", () => {
  it("is the URL as it was written, without credentials", () => {
    expect(settings("-varz", "http://u:p%40ss@Host:80/base/?q").targets).toEqual([
      {
        url: new URL("http://host/base"),
        credentials: { user: "u", password: "p@ss" },
        serverId: "http://Host:80",
      },
    ]);
  });

  it("is the id before the URL", () => {
    expect(settings("-varz", "a,b,http://h:1", "http://h:2")).toMatchObject({
      serverId: "url",
      targets: [{ serverId: "a,b" }, { serverId: "http://h:2" }],
    });
    expect(settings("-varz", "-use_internal_server_id", "me,http://h:1")).toMatchObject({
      targets: [{ serverId: "me" }],
      warnings: [expect.stringContaining('"me"')],
    });
  });

  it("is the URL where the server's word is asked for of several", () => {
    expect(settings("-varz", "-use_internal_server_id", "http://h:1", "http://h:2")).toMatchObject({
      serverId: "url",
      targets: [{ serverId: "http://h:1" }, { serverId: "http://h:2" }],
      warnings: [expect.stringContaining("several URLs")],
    });
  });
});

it("tells a bcrypt hash from a password", () => {
  const hash = `$2a$10$${"x".repeat(53)}`;
  const password = (text: string): unknown =>
    settings("-varz", "-http_user=u", `-http_pass=${text}`, URL_ARGUMENT).basicAuth?.password;
  expect(password(hash)).toEqual({ form: "bcrypt", text: hash });
  expect(password("$2secret")).toEqual({ form: "plain", text: "$2secret" });
  expect(problems("-varz", "-http_user=u", "-http_pass=$2a$10$broken", URL_ARGUMENT)).toHaveLength(1);
});

it.each([
  [["-s"], "syslog"],
  [["-r", "udp://h:514"], "syslog"],
  [["-tlskey=k"], "plain HTTP"],
  [["-tlscacert=k"], "plain HTTP"],
  [["-http_pass=p"], "everybody"],
  [["-http_user=u"], "empty"],
  [["-jsz_stream_meta_keys=a"], "without -jsz"],
])("%j is a warning", (argv, words) => {
  expect(settings("-varz", ...argv, URL_ARGUMENT).warnings).toEqual([expect.stringContaining(words)]);
});

describe("problems", () => {
  it("are all told at once, with the nearest names and without secrets", () => {
    const told = problems(
      ...["-vars", "-port=99999", "-ri=soon", "-connz=maybe", "-jsz=steams", "-jsz_stream_meta_keys=a,,b"],
      ...["-prefix=9", "-tlscert=c", "-http_pas=secret", "ftp://u:secret@h", "nonsense"],
    );
    expect(told).toEqual([
      "-vars is not a flag of prometheus-nats-exporter; did you mean -varz?",
      'expected -connz to be true or false, got "maybe"',
      "-http_pas is not a flag of prometheus-nats-exporter; did you mean -http_pass?",
      'expected -jsz_stream_meta_keys to be keys separated by commas, each with a letter or digit, got "a,,b"',
      'expected -jsz to be accounts, streams, consumers or all, got "steams"; did you mean streams?',
      'expected -ri to be a whole number, got "soon"',
      'expected -prefix to be letters, digits, _ and :, not a digit first, got "9"',
      "-tlscert needs the certificate's key: give -tlskey too",
      'expected -port to be a whole number from 0 to 65535, got "99999"',
      'expected a URL that begins with http:// or https://, got "ftp://***@h"',
      'expected a URL that begins with http:// or https://, got "nonsense"',
    ]);
    expect(told.join()).not.toContain("secret");
  });

  it.each([
    [[URL_ARGUMENT, "-http_pass=secret"], "-http_pass stands after a URL"],
    [["-varz", "http://u:a,secret@h"], 'got "***@h"'],
  ])("of %j tell no secret", (argv, words) => {
    const told = problems(...argv);
    expect(told).toEqual([expect.stringContaining(words)]);
    expect(told.join()).not.toContain("secret");
  });

  it("are a missing URL and a missing value", () => {
    expect(problems("-varz")).toEqual([expect.stringContaining("expected the URL")]);
    expect(problems("-varz", "-port")).toEqual([
      "-port needs a value, as in -port=7777",
      expect.stringContaining("expected the URL"),
    ]);
  });

  it("are values for any arguments whatever", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "-varz",
        "-port",
        "--prefix=x",
        "-",
        "--",
        "-=x",
        "---x",
        URL_ARGUMENT,
        "http://%",
        "-jsz=__proto__",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        expect(parseExporterArguments(argv).kind).toMatch(
          /^(not-exporter-arguments|settings|problems|version|help)$/,
        );
      }),
    );
  });
});

it("says every flag in its usage", () => {
  const flags = [...exporterUsage().matchAll(/^ {2}-(\w+)/gm)].map(([, name]) => name);
  expect(flags).toHaveLength(34);
  expect(new Set(flags).size).toBe(34);
});
