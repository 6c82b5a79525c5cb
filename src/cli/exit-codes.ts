/** Exit codes of the command. Scripts depend on these numbers. */

/** Success. */
export const DONE = 0;
/** Something failed: a server, a file, a port. */
export const FAILED = 1;
/** The input was invalid; nothing was started. */
export const WRONG_INPUT = 2;
/** A threshold is not met. */
export const THRESHOLD_NOT_MET = 3;
// 4 is reserved for a result that is worse than a baseline.
/** The verdict is INVALID, or the run was interrupted. */
export const NOT_TRUSTED = 5;
