import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { packageFolder } from "../package-folder.ts";

/** The built client beside the server; null when it was not built. */
export function clientFolder(): string | null {
  const folder = fileURLToPath(new URL("../client/dist", packageFolder));
  return existsSync(`${folder}/index.html`) ? folder : null;
}

/** A scenario that comes with Mailtide. */
export const shippedScenario = (id: string): string => fileURLToPath(new URL(`../scenarios/${id}.yaml`, packageFolder));
