/** The state folder must not be used as it is: another server has it, it is newer than this program, or damaged. Final. */
export class StateRefused extends Error {
  override readonly name = "StateRefused";
}

/** A store could not do what was asked; nothing of it was done. */
export class StoreFailed extends Error {
  override readonly name = "StoreFailed";
}
