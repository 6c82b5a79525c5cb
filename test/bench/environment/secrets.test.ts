import { expect, it } from "vitest";
import { argumentsWithoutSecrets, withoutSecrets } from "../../../src/bench/environment/secrets.ts";

it.each([
  [
    ["bench", "pub", "x", "--password", "hunter2"],
    ["bench", "pub", "x", "--password", "***"],
  ],
  [
    ["--password=hunter2", "--size=128"],
    ["--password=***", "--size=128"],
  ],
  [
    ["-s", "nats://me:hunter2@host:4222"],
    ["-s", "***@host:4222"],
  ],
  [["--server=me:hun/ter@2@host"], ["--server=***@host"]],
  [
    ["-s", "token@host,other"],
    ["-s", "***@host,other"],
  ],
  [
    ["--creds", "/etc/nats/me.creds"],
    ["--creds", "/etc/nats/me.creds"],
  ],
  [
    ["--event", '10s:"nats --token hunter2 server ls"'],
    ["--event", '10s:"nats --token *** server ls"'],
  ],
  [
    ["-H", "Authorization: Bearer hunter2", "--header=X-Api-Key:hunter2", "-H", "Trace:on"],
    ["-H", "Authorization:***", "--header=X-Api-Key:***", "-H", "Trace:on"],
  ],
  [
    ["--monitor", "http://host:8222"],
    ["--monitor", "http://host:8222"],
  ],
])("%j", (given, shown) => {
  expect(argumentsWithoutSecrets(given)).toEqual(shown);
});

it.each([
  ["NATS_PASSWORD=hunter2 nats pub x y", "NATS_PASSWORD=*** nats pub x y"],
  ["nats --password 'hun ter2' pub x", "nats --password *** pub x"],
  ["curl http://me:hunter2@host/varz", "curl http://***@host/varz"],
  ["kill -STOP 1234; sleep 0.3; kill -CONT 1234", "kill -STOP 1234; sleep 0.3; kill -CONT 1234"],
  ["SUAM4LRUBFAZ6PHWVCA5WN3LTHGZ27QWLXXUJWPNKRJSGPOJPCK7CDLPSQ", "***"],
  ["jwt eyJ0eXAiOiJKV1QifQ.eyJqdGkiOiJYIn0.c2lnbmF0dXJl of me", "jwt *** of me"],
])("%s", (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});
