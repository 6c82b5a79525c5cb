/**
 * Basic authentication: checks `Authorization` headers against the users of a web configuration.
 *
 * A bcrypt check takes 50 ms of CPU or more, by design. Successful checks are remembered (as a keyed hash, not as the
 * password), so that not each scrape needs one. Checks run one at a time in a worker thread and only a few may wait,
 * so that wrong passwords cannot occupy the process.
 *
 * The response time does not reveal user names: an unknown user costs as much as a wrong password.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";

/** A user's password, or its hash. */
export type Secret = { readonly bcrypt: string } | { readonly password: string };

/** Secrets by user name. */
export type Users = ReadonlyMap<string, Secret>;

/** `busy`: too many checks wait already; the same request may succeed later. */
type Verdict = "admitted" | "refused" | "busy";

const MAX_WAITING_CHECKS = 16;
const MAX_REMEMBERED = 256;

/** Checks credentials of all requests. `close` ends its worker thread. */
export class BasicAuthentication {
  readonly #bcrypt = new BcryptThread();
  /** Key of the hashes; differs for each process. */
  readonly #processSecret = randomBytes(32);
  readonly #remembered = new Set<string>();
  readonly #checks = new Map<string, Promise<boolean>>();

  /** Rejects only if the worker thread fails. */
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

  /** Shares a check of the same credentials that is in progress, so that repeated requests do not queue up. */
  #check(key: string, password: string, hash: string): Promise<boolean> | undefined {
    const inProgress = this.#checks.get(key);
    if (inProgress) return inProgress;
    if (this.#checks.size >= MAX_WAITING_CHECKS) return undefined;
    const check = this.#bcrypt.compare(password, hash).finally(() => this.#checks.delete(key));
    this.#checks.set(key, check);
    return check;
  }

  #remember(key: string): void {
    const oldest = this.#remembered.values().next();
    if (this.#remembered.size >= MAX_REMEMBERED && !oldest.done) this.#remembered.delete(oldest.value);
    this.#remembered.add(key);
  }

  #digest(text: string): Buffer {
    return createHmac("sha256", this.#processSecret).update(text).digest();
  }
}

/** Secret to compare an unknown user's password with. The result is not used. */
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

/** A worker thread that starts with the first comparison and does not keep the process alive. */
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
      const error = new Error("the worker thread for password checks ended", { cause: why });
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on("error", die);
    worker.on("exit", die);
    this.#worker = worker;
    return worker;
  }
}
