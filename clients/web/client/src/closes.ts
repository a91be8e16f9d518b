import type { Closed } from "./connection.js";

/**
 * What the end of a connection asks for (spec 3.7, 7.2). `over`: the login is no good any more.
 * `renew`: another token. `mend`: do not send the same again. `again`: connect again later.
 */
export type Demand = "over" | "renew" | "mend" | "again";

const OVER = new Set(["authentication-failed", "authentication-revoked", "account-disabled"]);
const MEND = new Set([1002, 1003, 1007, 1008, 1009]);

/** By the code; reasons may be new ones (spec 9.1), and 1000 is always about the token. */
export function demandOf({ code, reason }: Closed): Demand {
  if (code === 1000) return OVER.has(reason) ? "over" : "renew";
  return MEND.has(code) ? "mend" : "again";
}
