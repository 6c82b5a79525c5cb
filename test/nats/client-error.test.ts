import { errors } from "@nats-io/transport-node";
import { ErrorCode, NatsError } from "nats";
import { describe, expect, it } from "vitest";
import { errorType } from "../../src/client/errors/failure.ts";
import { natsErrorReason, networkErrorReason } from "../../src/nats/client-error.ts";

describe("natsErrorReason", () => {
  it("knows every code of nats 2.x that the client throws", () => {
    const unused = ["BAD API", "BAD_JSON", "NOT_FUNC", "REQUEST_ERROR", "UNKNOWN_ERROR", "WSS_REQUIRED"];
    for (const code of Object.values(ErrorCode)) {
      const reason = natsErrorReason(NatsError.errorForCode(code));
      if (unused.includes(code)) expect(reason).toBeUndefined();
      else expect(reason, code).toMatch(/^[a-z_]+$/);
    }
  });

  it("gives an error of both generations of clients the same name", () => {
    const pairs: [ErrorCode, Error][] = [
      [ErrorCode.Timeout, new errors.TimeoutError()],
      [ErrorCode.NoResponders, new errors.NoRespondersError("s")],
      [ErrorCode.ConnectionClosed, new errors.ClosedConnectionError()],
      [ErrorCode.ConnectionDraining, new errors.DrainingConnectionError()],
      [ErrorCode.AuthorizationViolation, new errors.AuthorizationError("x")],
      [ErrorCode.AuthenticationExpired, new errors.UserAuthenticationExpiredError("x")],
      [ErrorCode.PermissionsViolation, new errors.PermissionViolationError("x", "publish", "s")],
      [ErrorCode.BadSubject, new errors.InvalidSubjectError("s")],
      [ErrorCode.ProtocolError, new errors.ProtocolError("x")],
      [ErrorCode.MaxPayloadExceeded, new errors.InvalidArgumentError("'payload' max_payload size exceeded")],
    ];
    for (const [code, error] of pairs) {
      expect(natsErrorReason(NatsError.errorForCode(code)), code).toBe(natsErrorReason(error));
    }
  });

  it("names a feature that the server does not offer, and not one of these features", () => {
    for (const feature of ["tls", "headers", "noEcho"]) {
      expect(natsErrorReason(new NatsError(feature, ErrorCode.ServerOptionNotAvailable))).toBe(
        "not_offered_by_server",
      );
    }
  });

  it("takes the error number of a JetStream reply before its status", () => {
    const reply = (api_error: object) => natsErrorReason(Object.assign(new Error("x"), { api_error }));
    expect(reply({ code: 404, err_code: 10059 })).toBe("jetstream_10059");
    expect(reply({ code: 404 })).toBe("not_found");
  });

  it("does not know errors of the network or of the application", () => {
    for (const error of [new RangeError("mine"), systemError("ECONNRESET"), "text", undefined]) {
      expect(natsErrorReason(error)).toBeUndefined();
    }
  });
});

describe("networkErrorReason", () => {
  it("names errors of the network and of TLS", () => {
    expect(networkErrorReason(systemError("ECONNREFUSED"))).toBe("connection_refused");
    expect(networkErrorReason(systemError("EAI_AGAIN"))).toBe("host_not_found");
    expect(networkErrorReason(systemError("DEPTH_ZERO_SELF_SIGNED_CERT"))).toBe("tls");
    expect(networkErrorReason(systemError("EACCES"))).toBeUndefined();
  });
});

it("errorType never throws, even if reading the error throws", () => {
  const hostile = new Proxy(new Error("x"), {
    get() {
      throw new Error("on purpose");
    },
    getPrototypeOf() {
      throw new Error("on purpose");
    },
  });
  expect(errorType(hostile)).toBe("error");
});

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
