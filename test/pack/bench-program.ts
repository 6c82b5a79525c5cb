/** A short run with all that watches one, and its report: what a bundle must be able to do. Prints what came of it. */
import { Hiccups } from "../../src/bench/observe/hiccups.ts";
import { NullPeer } from "../../src/bench/observe/null-peer.ts";
import { Probe } from "../../src/bench/observe/probe.ts";
import { render } from "../../src/report/formats.ts";
import { resultOfRealRun, shortRun } from "../report/real-run.ts";

const [clientUrl = ""] = process.argv.slice(2);
const hiccups = new Hiccups();
const probe = new Probe({ options: { servers: [new URL(clientUrl).host] } });
const peer = await NullPeer.begin();
const ready = await probe.ready();
const result = await resultOfRealRun(clientUrl, shortRun());
await Promise.all([hiccups.stop(), probe.stop(), peer.stop()]);

process.stdout.write(
  JSON.stringify({
    completed: result.scenarios[0]?.account.completed,
    driver: result.scenarios[0]?.driver,
    naps: hiccups.snapshot().count,
    probed: ready?.server.version,
    peer: peer.address,
    html: render(result, "html"),
  }),
);
