/**
 * Observes an application that knows nothing of it. Nothing happens until the application connects: before
 * that it may register an OpenTelemetry SDK of its own, and a process that never connects (a package manager
 * that starts the application, say) neither listens nor exports.
 */
import { warnProcess } from "../../text/process-warning.ts";
import { errorMessage } from "../../text/wording.ts";
import { instrument } from "../instrument.ts";
import { startMetricsServer } from "../metrics-server.ts";
import { patchConnect } from "./connections.ts";
import { registerSettings } from "./environment.ts";
import { registryOfApplication } from "./registries.ts";
import { startTelemetry } from "./telemetry.ts";

/** Registers natscope with this process. What fails is said in a process warning; the application goes on. */
export function register(environment: NodeJS.ProcessEnv): void {
  const { settings, problems } = registerSettings(environment);
  for (const problem of problems) warn(problem);
  const { metricsPort: port, metricsHost: host, templates } = settings;
  let registry: ReturnType<typeof registryOfApplication> | undefined;

  const begin = () => {
    registry = registryOfApplication();
    if (port !== undefined) {
      const served = startMetricsServer({ port, registry, ...(host !== undefined && { host }) });
      served.catch((error: Error) => warn(`metrics are not served: ${error.message}`));
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
