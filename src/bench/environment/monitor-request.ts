/** One document of a server's monitoring port, within a time and a size. */
import { conceal } from "../../text/wording.ts";

const MOST_BYTES = 1_000_000;

/**
 * Rejects with an error that names what went wrong, without a secret.
 * @param url `http://host:8222`, perhaps with a user and a path
 */
export async function askMonitor(url: string, path: string, waitMs: number): Promise<unknown> {
  const { address, headers } = addressOf(url, path);
  let response: Response;
  try {
    response = await fetch(address, { headers, redirect: "error", signal: AbortSignal.timeout(waitMs) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return JSON.parse(await textOf(response));
  } catch (error) {
    throw new Error(`${conceal(url)}: ${reasonOf(error, waitMs)}`);
  }
}

function addressOf(url: string, path: string): { address: URL; headers: Record<string, string> } {
  const address = new URL(path, url.endsWith("/") ? url : `${url}/`);
  const { username, password } = address;
  address.username = "";
  address.password = "";
  if (username === "" && password === "") return { address, headers: {} };
  const user = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { address, headers: { authorization: `Basic ${user.toString("base64")}` } };
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function reasonOf(error: unknown, waitMs: number): string {
  if ((error as Error).name === "TimeoutError") return `no answer within ${waitMs} ms`;
  if (error instanceof SyntaxError) return "the answer is no JSON";
  const { message, cause } = error as Error;
  // Of fetch itself it is only that it failed.
  const { code, message: why } = (cause ?? {}) as { readonly code?: string; readonly message?: string };
  return code === "ECONNREFUSED" ? "nobody listens there" : (why ?? message);
}
