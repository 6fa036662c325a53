/** The server's package. This module stands right below it, as do what is compiled (`dist/`) and what is packed (`packed/`). */
export const packageFolder = new URL("../", import.meta.url);
