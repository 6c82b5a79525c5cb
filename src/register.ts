/**
 * `natscope/register`: instruments an application without changing it.
 *
 *     node --import natscope/register app.js
 *
 * Every connection of `nats` 2.x and `@nats-io/*` 3.x is instrumented as if it had been passed to `instrument`.
 * Environment variables configure it: NATSCOPE_METRICS_PORT, NATSCOPE_METRICS_HOST, NATSCOPE_SUBJECT_TEMPLATES, and
 * those of OpenTelemetry's SDK. It also works with `--require` and in `NODE_OPTIONS`. A bundled application has to
 * call `instrument(connection)` instead.
 */
import { register } from "./client/auto-instrument/register.ts";

register(process.env);
