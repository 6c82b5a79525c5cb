/**
 * Basic authentication: `Authorization` headers against the users of a web configuration.
 *
 * A bcrypt check costs 50 ms of CPU or more, by intent. So that a scrape every few seconds does not pay it
 * every time, checks that succeeded are remembered (as a keyed hash, never the password); and so that nobody
 * can make the sidecar do nothing else, checks run one at a time in a thread and few may wait.
 *
 * Time tells a stranger nothing: an unknown user costs what a known one with a wrong password does.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";

/** What a user's password is checked against. */
export type Secret = { readonly bcrypt: string } | { readonly password: string };

/** Secrets by user name. */
export type Users = ReadonlyMap<string, Secret>;

/** `busy`: too many checks are waiting already; the same request may pass later. */
export type Verdict = "admitted" | "refused" | "busy";

const MOST_CHECKS_WAITING = 16;
const MOST_REMEMBERED = 256;

/** Checks credentials, with one thread and one memory for all requests. Close it to end the thread. */
export class BasicAuthentication {
  readonly #bcrypt = new BcryptThread();
  /** Keys of hashes live and die with the process. */
  readonly #processSecret = randomBytes(32);
  readonly #remembered = new Set<string>();
  readonly #checks = new Map<string, Promise<boolean>>();

  /** Rejects only where the thread of the checks died. */
  async verify(header: string | undefined, users: Users): Promise<Verdict> {
    const given = parseCredentials(header);
    if (!given) return "refused";
    const known = users.get(given.user);
    const secret = known ?? decoy(users);
    if (!("bcrypt" in secret)) {
      const isMatch = timingSafeEqual(this.#digest(given.password), this.#digest(secret.password));
      return isMatch && known ? "admitted" : "refused";
    }
    const key = this.#digest(JSON.stringify([given.user, secret.bcrypt, given.password])).toString("base64");
    if (known && this.#remembered.has(key)) return "admitted";
    const isMatch = this.#check(key, given.password, secret.bcrypt);
    if (!isMatch) return "busy";
    if (!(await isMatch) || !known) return "refused";
    this.#remember(key);
    return "admitted";
  }

  close(): Promise<void> {
    return this.#bcrypt.close();
  }

  /** Joins a check of the same credentials under way, so that impatient clients do not queue up. */
  #check(key: string, password: string, hash: string): Promise<boolean> | undefined {
    const underWay = this.#checks.get(key);
    if (underWay) return underWay;
    if (this.#checks.size >= MOST_CHECKS_WAITING) return undefined;
    const check = this.#bcrypt.compare(password, hash).finally(() => this.#checks.delete(key));
    this.#checks.set(key, check);
    return check;
  }

  #remember(key: string): void {
    const oldest = this.#remembered.values().next();
    if (this.#remembered.size >= MOST_REMEMBERED && !oldest.done) this.#remembered.delete(oldest.value);
    this.#remembered.add(key);
  }

  #digest(text: string): Buffer {
    return createHmac("sha256", this.#processSecret).update(text).digest();
  }
}

/** Somebody else's secret to compare an unknown user's password with; the result is not used. */
function decoy(users: Users): Secret {
  const secrets = [...users.values()];
  return secrets.find((secret) => "bcrypt" in secret) ?? secrets[0] ?? { password: "" };
}

function parseCredentials(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_=-]+) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A worker thread that exists from the first comparison on and does not keep the process alive. */
class BcryptThread {
  readonly #waiting = new Map<number, { resolve(isMatch: boolean): void; reject(error: Error): void }>();
  #worker: Worker | undefined;
  #lastId = 0;

  compare(password: string, hash: string): Promise<boolean> {
    const worker = this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, password, hash });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startWorker("bcrypt");
    worker.unref();
    worker.on("message", ({ id, isMatch }: { id: number; isMatch: boolean }) => {
      this.#waiting.get(id)?.resolve(isMatch);
      this.#waiting.delete(id);
    });
    const die = (why: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const error = new Error("the thread that checks passwords ended", { cause: why });
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on("error", die);
    worker.on("exit", die);
    this.#worker = worker;
    return worker;
  }
}
