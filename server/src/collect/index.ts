import { agent } from "./agent/index.ts";
import { certificate } from "./dependency/certificate/index.ts";
import { disk } from "./dependency/disk/index.ts";
import { dns } from "./dependency/dns/index.ts";
import { filter } from "./dependency/filter/index.ts";
import { http } from "./dependency/http/index.ts";
import { ldap } from "./dependency/ldap/index.ts";
import { mysql } from "./dependency/mysql/index.ts";
import { postgres } from "./dependency/postgres/index.ts";
import { redis } from "./dependency/redis/index.ts";
import { roundtrip } from "./dependency/roundtrip/index.ts";
import { smtp } from "./dependency/smtp/index.ts";
import { tcp } from "./dependency/tcp/index.ts";
import { eximLog, eximQueue } from "./mta/exim/index.ts";
import { harakaLog, harakaQueue } from "./mta/haraka/index.ts";
import { kumomtaLog } from "./mta/kumomta/index.ts";
import { opensmtpdLog, opensmtpdQueue } from "./mta/opensmtpd/index.ts";
import { postfixLog, postfixQueue } from "./mta/postfix/index.ts";
import { rspamdLog } from "./mta/rspamd/index.ts";
import { sendmailLog, sendmailQueue } from "./mta/sendmail/index.ts";
import { postfixPolicy } from "./policy/index.ts";
import { influxWrite } from "./influx-write/index.ts";
import { prometheus } from "./prometheus/index.ts";

/** Every kind of collector on a node: a new one is a folder and a line here. */
export const nodePlugins = [
  postfixLog,
  postfixQueue,
  postfixPolicy,
  eximLog,
  eximQueue,
  opensmtpdLog,
  opensmtpdQueue,
  sendmailLog,
  sendmailQueue,
  harakaLog,
  harakaQueue,
  kumomtaLog,
  rspamdLog,
  prometheus,
  influxWrite,
  agent,
] as const;

/** Every kind of dependency: a new one is a folder and a line here. */
export const dependencyPlugins = [
  postgres,
  mysql,
  redis,
  ldap,
  dns,
  smtp,
  roundtrip,
  filter,
  http,
  tcp,
  disk,
  certificate,
] as const;
