/**
 * Instruments an application from the outside. Nothing happens until the application connects to NATS: before
 * that it may register its own OpenTelemetry SDK, and a process that never connects (for example npm,
 * starting the application) neither listens nor exports.
 */
import { warnProcess } from "../../text/process-warning.ts";
import { errorMessage } from "../../text/wording.ts";
import { instrument } from "../instrument.ts";
import { startMetricsServer } from "../metrics-server.ts";
import { patchConnect } from "./connections.ts";
import { registerSettings } from "./environment.ts";
import { registryOfApplication } from "./registries.ts";
import { startTelemetry } from "./telemetry.ts";

/**
 * Registers natscope in this process. Failures are reported as process warnings; the application continues.
 */
export function register(environment: NodeJS.ProcessEnv): void {
  const { settings, problems } = registerSettings(environment);
  for (const problem of problems) warn(problem);
  const { metricsPort: port, metricsHost: host, templates } = settings;
  let registry: ReturnType<typeof registryOfApplication> | undefined;

  const begin = () => {
    registry = registryOfApplication();
    if (port !== undefined) {
      const served = startMetricsServer({ port, registry, ...(host !== undefined && { host }) });
      served.catch((error: Error) => warn(`no metrics server: ${error.message}`));
    }
    const advice = startTelemetry(environment);
    if (advice) warn(advice);
  };

  patchConnect({
    before() {
      if (!registry) attempt(begin);
    },
    after: (connection) =>
      attempt(() => instrument(connection, { subjects: { templates }, ...(registry && { registry }) })) ??
      connection,
  });
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    warn(errorMessage(error));
    return undefined;
  }
}

function warn(what: string): void {
  warnProcess(`natscope/register: ${what}`);
}
