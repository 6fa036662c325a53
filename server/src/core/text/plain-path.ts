/** A path that means nothing else in a shell, and stands in a command as it is. */
export const plainPath = /^\/[\w./-]{1,255}$/;
