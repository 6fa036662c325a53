import { numbersOf } from "./busy.ts";

/**
 * Whether the file system that holds a path takes no writes, by /proc/self/mountinfo (proc(5)): of the mounts of its
 * device the one that the path is below. The kernel turns a file system with errors read only (`errors=remount-ro`).
 */
export function isReadOnly(path: string, device: number, mountinfo: string): boolean {
  const { major, minor } = numbersOf(device);
  let nearest = "";
  let readOnly = false;
  for (const line of mountinfo.split("\n")) {
    const [, , numbers, , point = "", options = ""] = line.split(" ");
    if (numbers !== `${major}:${minor}`) continue;
    const at = point.replaceAll(/\\(\d{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    if (!isBelow(path, at) || at.length < nearest.length) continue;
    nearest = at;
    const ofFileSystem = line.split(" - ")[1]?.split(" ")[2] ?? "";
    readOnly = [options, ofFileSystem].some((each) => each.split(",").includes("ro"));
  }
  return readOnly;
}

const isBelow = (path: string, point: string): boolean =>
  path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`);
