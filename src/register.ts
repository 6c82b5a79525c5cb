/**
 * `natscope/register`: observes an application without a change to it.
 *
 *     node --import natscope/register app.js
 *
 * Every connection of `nats` 2.x and `@nats-io/*` 3.x is observed as by `instrument`. For what it may be told
 * see `instrument/register/environment.ts` and `instrument/register/telemetry.ts`. Also to be used with
 * `--require`, and in `NODE_OPTIONS`. A bundled application has to be changed: `instrument(connection)`.
 */
import { register } from "./client/auto-instrument/register.ts";

register(process.env);
