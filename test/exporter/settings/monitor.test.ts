import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeSettings } from "../../../src/exporter/settings/effective.ts";
import { splitMonitors } from "../../../src/exporter/settings/monitor.ts";
import { problemsOf, settingsFrom } from "./settings-from.ts";

function monitorsFrom(...texts: string[]) {
  const { settings, problems } = settingsFrom({ flags: texts.map((text) => `--monitor=${text}`) });
  expect(problems).toEqual([]);
  return settings.monitor.map(({ name, url, user, password }) => ({ name, url: url.href, user, password }));
}

describe("a monitor as a text", () => {
  it("has the given name, else host, port and path", () => {
    expect(
      monitorsFrom(
        "a=http://nats-1:8222",
        "http://nats-2:8222/",
        "http://nats-3",
        "https://nats-4/base/path/",
        "http://[::1]:8222",
      ).map(({ name, url }) => [name, url]),
    ).toEqual([
      ["a", "http://nats-1:8222/"],
      ["nats-2:8222", "http://nats-2:8222/"],
      ["nats-3:80", "http://nats-3/"],
      ["nats-4:443/base/path", "https://nats-4/base/path"],
      ["[::1]:8222", "http://[::1]:8222/"],
    ]);
  });

  it("has user and password removed from its URL", () => {
    expect(monitorsFrom("a=http://us%40er:p=a,s%2Fs@h:1")).toEqual([
      { name: "a", url: "http://h:1/", user: "us@er", password: "p=a,s/s" },
    ]);
  });

  it.each([
    ["localhost:8222", /^--monitor is "localhost:8222": expected a URL with http:\/\/ or https:\/\//],
    ["a=http://user:QQSECRET", /^--monitor is "http:\/\/user:\*\*\*": expected a URL/],
    ["nats://localhost:4222", /expected a URL with http/],
    ["http://", /expected a URL/],
    ["http://h:99999", /expected a URL/],
    ["http://h/?x=1", /expected a URL without them/],
    ["http://:secret@h", /expected a user before the password/],
    ["http://u:se/cret@h", /has an @ after a slash in its URL/],
    ["http://u:@=/QQSECRET@h", /^--monitor has an @ after a slash in its URL[^=]*$/],
    ["http://u:100%@h", /expected % as %25/],
    ["http://u%3Av:QQSECRET@h", /^--monitor has a colon in its user: expected a user without it, [^@]*$/],
    ["=http://h", /has the name "": expected 1 to 200 printable characters/],
  ])("is reported: %s", (text, why) => {
    const [problem, ...others] = problemsOf({ flags: ["--monitor", text] });
    expect(problem).toMatch(why);
    expect(problem).not.toContain("QQSECRET");
    expect(others).toEqual([]);
  });

  it("must have a unique name", () => {
    expect(problemsOf({ flags: ["--monitor", "http://h:1", "--monitor", "h:1=https://other"] })).toEqual([
      '--monitor has the name "h:1" of another monitor: expected a unique name, as in name=URL',
    ]);
  });

  it("ends at a comma or blank before the next URL; a password may contain both", () => {
    expect(splitMonitors("http://u:a,b@h, x=https://i  http://j,")).toEqual([
      "http://u:a,b@h",
      "x=https://i",
      "http://j",
    ]);
    expect(splitMonitors("one two")).toEqual(["one two"]);
  });
});

describe("a monitor in a file", () => {
  const file = (lines: string) => ({ file: `monitor:\n  - ${lines.replaceAll("\n", "\n    ")}\n` });

  it("takes every key", () => {
    const { settings, problems } = settingsFrom({
      flags: ["--names", "both"],
      ...file(
        "name: a\nurl: https://h:1/base\nserver_id: east\nuser: u\npassword_file: /p\nca: /ca\ncertificate: /c\nkey: /k\nserver_name: nats",
      ),
    });
    expect(problems).toEqual([]);
    expect(settings.monitor).toEqual([
      {
        name: "a",
        url: new URL("https://h:1/base"),
        serverId: "east",
        user: "u",
        passwordFile: "/p",
        tls: { ca: "/ca", certificate: "/c", key: "/k", serverName: "nats" },
        place: "natscope.yaml:2 monitor",
      },
    ]);
  });

  it.each([
    ["name: a", "has no url: expected one, such as http://127.0.0.1:8222"],
    ["url: http://h\nusr: x", 'or server_name, got "usr"; did you mean user?'],
    ["url: http://h\nuser: x", "has half of its credentials: expected user, and password or password_file"],
    [
      "url: http://h\npassword: x",
      "has half of its credentials: expected user, and password or password_file",
    ],
    ["url: http://h\nuser: u\npassword: x\npassword_file: y", "has a password and a password_file"],
    ["url: http://a:b@h\nuser: u\npassword: x", "has a user in its url and as a key: expected one of them"],
    ["url: http://h\nca: /ca", "has TLS keys for a url without TLS: expected https://"],
    ["url: https://h\nkey: /k", "has half of its TLS certificate: expected certificate and key"],
    ["url: http://h\nuser: 'u:v'\npassword: x", "has a colon in its user: expected a user without it"],
    ["url: https://h\nname: ''", "has an empty name"],
    [
      "url: http://h\nserver_id: x",
      "has a server_id, which needs --names prometheus-nats-exporter or --names both",
    ],
  ])("is reported: %j", (lines, why) => {
    const [problem, ...others] = problemsOf(file(lines));
    expect(problem).toMatch(/^natscope\.yaml:2 monitor /);
    expect(problem).toContain(why);
    expect(others).toEqual([]);
  });
});

describe("a password", () => {
  const secret = fc.stringMatching(
    /^[a-zA-Z0-9!$&'()*+,;=:@/?#% -]{0,8}QQSECRETQQ[a-zA-Z0-9!$&'()*+,;=:@/?#% -]{0,8}$/,
  );
  const around = fc.constantFrom(
    (password: string) => `http://user:${password}@host:8222`,
    (password: string) => `a=https://user:${password}@host`,
    (password: string) => `http:/user:${password}@host`,
    (password: string) => `user:${password}@host`,
    (password: string) => `http://user:${password}@host:notaport/?q`,
  );

  it("is hidden in every problem and every printed configuration", () => {
    fc.assert(
      fc.property(
        secret,
        around,
        fc.constantFrom("flags", "environment", "file"),
        (password, write, where) => {
          const text = write(password);
          const resolved = settingsFrom(
            where === "flags"
              ? { flags: [`--monitor=${text}`] }
              : where === "environment"
                ? { environment: { NATSCOPE_MONITOR: text } }
                : { file: `monitor: ${JSON.stringify(text)}` },
          );
          const shown = [...resolved.problems, describeSettings(resolved)].join("\n");
          expect(shown).not.toContain("QQSECRETQQ");
        },
      ),
      { numRuns: 500 },
    );
  });
});
