/** How the command ends. Scripts depend on these numbers. */

/** All is well. */
export const DONE = 0;
/** Something failed. */
export const FAILED = 1;
/** The input was wrong; no work was begun. */
export const WRONG_INPUT = 2;
/** A threshold is not met. */
export const THRESHOLD_NOT_MET = 3;
// 4 is kept for a result that is worse than a baseline.
/** The run cannot be trusted, or was interrupted: what it shows is not what was asked. */
export const NOT_TRUSTED = 5;
