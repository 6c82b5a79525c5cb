/**
 * From configured monitors to targets: reads the files they name, once, at the start. A file that cannot be
 * read, is not PEM or does not fit its key is a sentence; nothing of a key's or password's text is ever in one.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileProblem } from "../../input/file-problem.ts";
import type { Target, TargetTls } from "../sources/target.ts";
import type { MonitorSetting, TlsFiles } from "./monitor.ts";
import type { Settings } from "./settings.ts";

/** The targets, in the order of the monitors, and a sentence for every file that cannot be used. */
export interface Targets {
  readonly targets: readonly Target[];
  readonly problems: readonly string[];
}

type TargetSettings = Pick<
  Settings,
  "monitor" | "monitorCa" | "monitorCert" | "monitorKey" | "monitorServerName"
>;

/**
 * Reads the files of every monitor. A target with a problem lacks what could not be read: do not watch it.
 */
export function readTargets(settings: TargetSettings): Targets {
  // A file for all monitors that cannot be read is one problem, not one for each.
  const problems = new Set<string>();
  const tell = (problem: string): unknown => problems.add(problem);
  const targets = settings.monitor.map((monitor): Target => {
    const tls = monitor.url.protocol === "https:" ? readTls(tlsFilesOf(monitor, settings), tell) : undefined;
    const password = passwordOf(monitor, tell);
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

/** What a monitor says itself goes before what is said for all. A certificate and its key go together. */
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

type Tell = (problem: string) => void;

function readTls({ ca, certificate, key, serverName }: TlsFiles, tell: Tell): TargetTls {
  const caText = readPem(ca, "authority's certificate", parseCertificate, tell);
  const certificateText = readPem(certificate, "certificate", parseCertificate, tell);
  const keyText = readPem(key, "private key", createPrivateKey, tell);
  if (certificateText && keyText && !certificateText.parsed.checkPrivateKey(keyText.parsed)) {
    tell(`The private key ${key} does not belong to the certificate ${certificate}`);
  }
  return {
    ...(caText && { ca: caText.text }),
    ...(certificateText && { certificate: certificateText.text }),
    ...(keyText && { key: keyText.text }),
    ...(serverName !== undefined && { serverName }),
  };
}

/** The first certificate of a chain, after a look at all of them: node would ignore what it cannot parse. */
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
  tell: Tell,
): { text: string; parsed: Parsed } | undefined {
  const text = readText(path, what, tell);
  if (text === undefined) return undefined;
  try {
    return { text, parsed: parse(text) };
  } catch {
    const why = /^-----BEGIN .*ENCRYPTED|^Proc-Type: .*ENCRYPTED/m.test(text)
      ? "is locked by a passphrase, which is not supported"
      : "must be a PEM file, and is not one";
    tell(`The ${what} ${path} ${why}`);
    return undefined;
  }
}

function passwordOf({ password, passwordFile }: MonitorSetting, tell: Tell): string | undefined {
  return password ?? readText(passwordFile, "password", tell)?.replace(/\r?\n$/, "");
}

function readText(path: string | undefined, what: string, tell: Tell): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    tell(`The ${what} ${path} ${fileProblem(error)}`);
    return undefined;
  }
}
