/** MTAs and filters whose logs are read. Names alone, for whoever only says them: the readers are half a hundred modules. */
export const readableMtas = ["postfix", "exim", "opensmtpd", "sendmail", "haraka", "kumomta", "rspamd"] as const;
export type ReadableMta = (typeof readableMtas)[number];
