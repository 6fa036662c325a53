import type { Examination } from "../patient.ts";
import { clock } from "./clock.ts";
import { coverage } from "./coverage.ts";
import { dependencies } from "./dependencies.ts";
import { exporters } from "./exporters.ts";
import { exim } from "./exim.ts";
import { front } from "./front.ts";
import { logTimes } from "./log-times.ts";
import { loggerLimits } from "./logger-limits.ts";
import { paging } from "./paging.ts";
import { postfixDomains } from "./postfix-domains.ts";
import { postfixHops } from "./postfix-hops.ts";
import { postfixInstances } from "./postfix-instances.ts";
import { postfixLogPlace } from "./postfix-log-place.ts";
import { postfixLogging } from "./postfix-logging.ts";
import { postfixNeighbours } from "./postfix-neighbours.ts";
import { postfixTables } from "./postfix-tables.ts";
import { rotation } from "./rotation.ts";
import { runningServer } from "./running-server.ts";
import { sendmail } from "./sendmail.ts";
import { spoolDisk } from "./spool-disk.ts";
import { stateFolder } from "./state-folder.ts";
import { user } from "./user.ts";

/** Everything that is looked at: a new one is a file here and a line. Of the same verdict the first stands first. */
export const examinations: Readonly<Record<string, Examination>> = {
  "running server": runningServer,
  coverage,
  "log times": logTimes,
  front,
  "postfix log": postfixLogPlace,
  "postfix hops": postfixHops,
  "postfix tables": postfixTables,
  "postfix instances": postfixInstances,
  "postfix neighbours": postfixNeighbours,
  "postfix domains": postfixDomains,
  "postfix logging": postfixLogging,
  exim,
  sendmail,
  exporters,
  "logger limits": loggerLimits,
  rotation,
  clock,
  dependencies,
  "spool disk": spoolDisk,
  "state folder": stateFolder,
  paging,
  user,
};
