import { basename } from "node:path";
import { commandWay, type QueueWay } from "../../../queue/way.ts";
import { postqueueJ } from "../postqueue-j.ts";
import { postqueueP } from "../postqueue-p.ts";

/** What the command prints: postqueue(1) with `-j`, or `-p` as mailq(1). A Postfix before 3.1 knows no `-j`: then it is asked with `-p`. */
export function postqueueWay(command: readonly string[]): QueueWay {
  const [program = "", ...args] = command;
  if (args.includes("-p") || basename(program) === "mailq") return commandWay(command, postqueueP, undefined);
  const json = commandWay(command, postqueueJ, undefined);
  const text = commandWay([program, ...args.map((each) => (each === "-j" ? "-p" : each))], postqueueP, undefined);
  let way = json;
  return {
    mta: json.mta,
    get name() {
      return way.name;
    },
    async list(context, signal, take) {
      try {
        return await way.list(context, signal, take);
      } catch (error) {
        if (way === text || !(args.includes("-j") && unknown.test(String(error)))) throw error;
        way = text;
        return way.list(context, signal, take);
      }
    },
  };
}

/** As getopt(3) and the program say it. */
const unknown = /postqueue: fatal: usage: |(?:invalid|illegal|unknown) option/;
