/** What a request that failed says (spec 6.5), or that no answer came: `unreachable`, status 0. */
export class Problem extends Error {
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** For programs. There may be new ones; then `status` decides. */
  readonly code: string;
  /** For people, in English. */
  readonly detail: string;
  /** The field of the request that it is about; a dot leads into an object. */
  readonly field?: string;
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number;

  constructor(o: {
    status: number;
    code: string;
    detail: string;
    field?: string | undefined;
    retryAfter?: number | undefined;
  }) {
    super(o.detail);
    this.name = "Problem";
    this.status = o.status;
    this.code = o.code;
    this.detail = o.detail;
    if (o.field !== undefined) this.field = o.field;
    if (o.retryAfter !== undefined) this.retryAfter = o.retryAfter;
  }
}

/** Nobody is signed in, or the login has ended: ask the person to sign in. */
export class SignInNeeded extends Error {
  /** Why: a code of the server such as `token-revoked`, or `signed-out`. */
  readonly reason: string;

  constructor(reason: string) {
    super(`Signing in is needed: ${reason}.`);
    this.name = "SignInNeeded";
    this.reason = reason;
  }
}
