/** This way to the queue is not open to us, and trying again soon will not change that. */
export class WayClosed extends Error {}
