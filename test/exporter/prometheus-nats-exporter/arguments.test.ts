import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ExporterSettings,
  parseExporterArguments,
} from "../../../src/exporter/prometheus-nats-exporter/arguments.ts";
import { exporterUsage, FLAGS } from "../../../src/exporter/prometheus-nats-exporter/flags.ts";
import { defaultsOf, type Option } from "../../../src/input/option.ts";

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

describe("an argument list", () => {
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
  ])("%j is natscope's own", (argv) => {
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
  ])("%j is one of prometheus-nats-exporter", (argv) => {
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
    basicAuth: { user: "u", password: "p=w" },
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
  expect(problems("-prefix", "-varz", URL_ARGUMENT)).toEqual([
    expect.stringContaining('-prefix is "-varz": expected letters'),
  ]);
  expect(settings("-port=1", "-port=2", URL_ARGUMENT).listen.port).toBe(2);
  expect(settings("-varz", "--", URL_ARGUMENT).targets).toHaveLength(1);
  expect(problems("-varz", URL_ARGUMENT, "-connz")).toEqual([
    "-connz follows a URL: expected flags before URLs",
  ]);
});

it("collects varz without a metric flag, and with -jsz only", () => {
  expect(settings(URL_ARGUMENT)).toMatchObject({ collect: ["varz"], warnings: [expect.any(String)] });
  expect(settings("-jsz=all", URL_ARGUMENT)).toMatchObject({
    collect: ["varz"],
    jsz: { detail: "consumers" },
    warnings: [],
  });
  expect(settings("-jsz=all", "-connz", URL_ARGUMENT)).toMatchObject({ collect: ["connz"] });
  expect(settings("-connz_detailed", URL_ARGUMENT)).toMatchObject({ collect: ["connz_detailed"] });
});

it("accepts a user with a colon, with a warning that hides the password", () => {
  const { warnings } = settings("-varz", "http://u%3Av:QQSECRET@h:1");
  expect(warnings).toEqual([expect.stringMatching(/^The user for http:\/\/h:1\/ has a colon: /)]);
});

describe("server_id", () => {
  it("is the URL as written, without credentials", () => {
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

  it("is the URL if there are several, with any flags", () => {
    expect(settings("-varz", "-use_internal_server_id", "http://h:1", "http://h:2")).toMatchObject({
      serverId: "url",
      targets: [{ serverId: "http://h:1" }, { serverId: "http://h:2" }],
      warnings: [expect.stringContaining("no effect with several URLs")],
    });
  });
});

it("takes a plain password or a whole bcrypt hash", () => {
  const hash = `$2a$10$${"x".repeat(53)}`;
  const password = (text: string): unknown =>
    settings("-varz", "-http_user=u", `-http_pass=${text}`, URL_ARGUMENT).basicAuth?.password;
  expect([hash, "$2secret", `$2x$10$${"x".repeat(53)}`].map(password)).toEqual([
    hash,
    "$2secret",
    `$2x$10$${"x".repeat(53)}`,
  ]);
  for (const broken of ["$2a$10$broken", `$2a$99$${"x".repeat(53)}`]) {
    expect(problems("-varz", "-http_user=u", `-http_pass=${broken}`, URL_ARGUMENT)).toEqual([
      "-http_pass begins like a bcrypt hash: expected a whole hash; a shell may have replaced its $",
    ]);
  }
});

it.each([
  [["-s"], "syslog"],
  [["-r", "udp://h:514"], "syslog"],
  [["-tlskey=k"], "plain HTTP"],
  [["-tlscacert=k"], "plain HTTP"],
  [["-http_pass=p"], "-http_pass has no effect without -http_user: anyone can scrape."],
  [["-http_user=u"], "the password is empty"],
  [["-jsz_stream_meta_keys=a"], "without -jsz"],
])("%j is a warning", (argv, words) => {
  expect(settings("-varz", ...argv, URL_ARGUMENT).warnings).toEqual([expect.stringContaining(words)]);
});

describe("problems", () => {
  it("are reported together, with similar names and without secrets", () => {
    const reported = problems(
      ...["-vars", "-port=99999", "-ri=soon", "-connz=maybe", "-jsz=steams", "-jsz_stream_meta_keys=a,,b"],
      ...["-prefix=9", "-tlscert=c", "-http_pas=secret", "ftp://u:secret@h", "nonsense"],
    );
    expect(reported).toEqual([
      "-vars is not a flag of prometheus-nats-exporter; did you mean -varz?",
      "-http_pas is not a flag of prometheus-nats-exporter; did you mean -http_pass?",
      '-port is "99999": expected a whole number from 0 to 65535',
      '-prefix is "9": expected letters, digits, _ and :, not beginning with a digit',
      '-connz is "maybe": expected true or false',
      '-jsz is "steams": expected accounts, streams, consumers or all; did you mean streams?',
      '-jsz_stream_meta_keys is "a,,b": expected keys separated by commas, each with a letter or digit',
      '-ri is "soon": expected a whole number of 0 or more',
      "-tlscert needs -tlskey",
      'the URL is "ftp://***@h": expected one that begins with http:// or https://',
      'the URL is "nonsense": expected one that begins with http:// or https://',
    ]);
    expect(reported.join()).not.toContain("secret");
  });

  it.each([
    [[URL_ARGUMENT, "-http_pass=secret"], "-http_pass follows a URL"],
    [["-varz", "http://u:a,secret@h"], 'the URL is "***@h"'],
  ])("hide the secrets in %j", (argv, words) => {
    const reported = problems(...argv);
    expect(reported).toEqual([expect.stringContaining(words)]);
    expect(reported.join()).not.toContain("secret");
  });

  it("include a missing URL and a missing value", () => {
    expect(problems("-varz")).toEqual([expect.stringContaining("no URL is given: expected that of")]);
    expect(problems("-varz", "-port")).toEqual([
      "-port has no value: expected N",
      expect.stringContaining("no URL is given"),
    ]);
  });

  it("are returned for any arguments, never thrown", () => {
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

it("lists every flag in its usage", () => {
  const flags = [...exporterUsage().matchAll(/^ {2}-(\w+)/gm)].map(([, name]) => name);
  expect(flags).toHaveLength(34);
  expect(new Set(flags).size).toBe(34);
});

it.each(Object.entries<Option<unknown>>(FLAGS))(
  "gives the default of -%s a text that reads as it",
  (name, row) => {
    for (const value of defaultsOf(row)) {
      const origin = { source: "default", place: `-${name}` } as const;
      expect(row.kind.parse({ text: row.kind.format(value), origin })).toEqual(value);
      const isPrinted = value !== "" && value !== false;
      if (isPrinted) expect(exporterUsage()).toContain(`${row.help} (default: ${row.kind.format(value)})`);
    }
  },
);
