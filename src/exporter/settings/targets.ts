/**
 * From configured monitors to targets: reads their files once, at the start. A file that cannot be read, is not PEM or
 * does not match its key is a problem. No problem contains text of a key or a password.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileProblem } from "../../input/file-problem.ts";
import type { Target, TargetTls } from "../sources/target.ts";
import type { MonitorSetting, TlsFiles } from "./monitor.ts";
import type { Settings } from "./settings.ts";

/** Targets in the order of the monitors, and a sentence for each file that cannot be used. */
interface Targets {
  readonly targets: readonly Target[];
  readonly problems: readonly string[];
}

type TargetSettings = Pick<
  Settings,
  "monitor" | "monitorCa" | "monitorCert" | "monitorKey" | "monitorServerName"
>;

/** Reads the files of every monitor. A target with a problem is incomplete and must not be scraped. */
export function readTargets(settings: TargetSettings): Targets {
  // A file shared by all monitors is one problem, not one per monitor.
  const problems = new Set<string>();
  const report = (problem: string): unknown => problems.add(problem);
  const targets = settings.monitor.map((monitor): Target => {
    const tls =
      monitor.url.protocol === "https:" ? readTls(tlsFilesOf(monitor, settings), report) : undefined;
    const password = passwordOf(monitor, report);
    return {
      name: monitor.name,
      url: monitor.url,
      ...(monitor.user !== undefined &&
        password !== undefined && { credentials: { user: monitor.user, password } }),
      ...(tls && { tls }),
      ...(monitor.serverId !== undefined && { serverId: monitor.serverId }),
    };
  });
  return { targets, problems: [...problems] };
}

/** The monitor's own files, then those of all monitors. A certificate and its key come from the same place. */
function tlsFilesOf({ tls }: MonitorSetting, settings: TargetSettings): TlsFiles {
  const { monitorCa, monitorCert, monitorKey, monitorServerName } = settings;
  const ownPair = tls.certificate !== undefined || tls.key !== undefined;
  const ca = tls.ca ?? monitorCa;
  const certificate = ownPair ? tls.certificate : monitorCert;
  const key = ownPair ? tls.key : monitorKey;
  const serverName = tls.serverName ?? monitorServerName;
  return {
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { serverName }),
  };
}

type Report = (problem: string) => void;

function readTls({ ca, certificate, key, serverName }: TlsFiles, report: Report): TargetTls {
  const caText = readPem(ca, "authority's certificate", parseCertificate, report);
  const certificateText = readPem(certificate, "certificate", parseCertificate, report);
  const keyText = readPem(key, "private key", createPrivateKey, report);
  if (certificateText && keyText && !certificateText.parsed.checkPrivateKey(keyText.parsed)) {
    report(`the private key ${key} does not match the certificate ${certificate}`);
  }
  return {
    ...(caText && { ca: caText.text }),
    ...(certificateText && { certificate: certificateText.text }),
    ...(keyText && { key: keyText.text }),
    ...(serverName !== undefined && { serverName }),
  };
}

/** The first certificate of a chain. Parses all of them, because Node.js ignores those that it cannot parse. */
function parseCertificate(text: string): X509Certificate {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const [first] = blocks.map((block) => new X509Certificate(block));
  if (!first) throw new Error("no certificate");
  return first;
}

function readPem<Parsed extends X509Certificate | KeyObject>(
  path: string | undefined,
  what: string,
  parse: (text: string) => Parsed,
  report: Report,
): { text: string; parsed: Parsed } | undefined {
  const text = readText(path, what, report);
  if (text === undefined) return undefined;
  try {
    return { text, parsed: parse(text) };
  } catch {
    const why = /^-----BEGIN .*ENCRYPTED|^Proc-Type: .*ENCRYPTED/m.test(text)
      ? "is encrypted: expected a private key without a passphrase"
      : "is not a PEM file";
    report(`the ${what} ${path} ${why}`);
    return undefined;
  }
}

function passwordOf({ password, passwordFile }: MonitorSetting, report: Report): string | undefined {
  return password ?? readText(passwordFile, "password", report)?.replace(/\r?\n$/, "");
}

function readText(path: string | undefined, what: string, report: Report): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    report(`the ${what} ${path} ${fileProblem(error)}`);
    return undefined;
  }
}
