import type { MappingRow } from "./row.ts";

/** KumoMTA counts each message twice: under its protocol (`smtp_client`), and under that and its queue (`smtp_client:source->site`). */
const byKumoProtocol = (service: string): readonly MappingRow[] => [
  { metric: "ready_count", labels: { service }, as: "count", queue: "ready" },
  { metric: "total_messages_delivered", labels: { service }, as: "left" },
  { metric: "total_messages_fail", labels: { service }, as: "left" },
];

/** Mappings of those who count queues and are well known. `collect/prometheus/README.md` says how each was verified. */
export const readyMade = {
  "postfix-exporter": [
    { metric: "postfix_up", as: "up" },
    { metric: "postfix_showq_message_age_seconds", as: "ages", queue: "{queue}" },
    { metric: "postfix_showq_message_size_bytes_sum", as: "bytes", queue: "{queue}" },
    { metric: "postfix_cleanup_messages_processed_total", as: "arrived" },
    { metric: "postfix_qmgr_messages_removed_total", as: "left" },
  ],
  "exim-exporter": [
    { metric: "exim_up", as: "up" },
    // It counts as `exim -bpc` does, the frozen ones too.
    { metric: "exim_queue", as: "count", queue: "queue", minus: "exim_queue_frozen" },
    { metric: "exim_queue_frozen", as: "count", queue: "frozen" },
    { metric: "exim_messages_total", labels: { flag: "arrived" }, as: "arrived" },
    { metric: "exim_messages_total", labels: { flag: "completed" }, as: "left" },
  ],
  kumomta: [
    { metric: "message_count", as: "there" },
    { metric: "scheduled_count", as: "count", queue: "scheduled" },
    { metric: "total_messages_received", labels: { service: "esmtp_listener" }, as: "arrived" },
    { metric: "total_messages_received", labels: { service: "http_listener" }, as: "arrived" },
    ...["smtp_client", "lua", "maildir"].flatMap(byKumoProtocol),
  ],
  // A filter has no queue; how much it scans stands beside those of the MTA.
  rspamd: [
    { metric: "rspamd_scanned_total", as: "arrived" },
    { metric: "scanned", as: "arrived" },
  ],
  "telegraf-postfix": [
    { metric: "postfix_queue_length", as: "count", queue: "{queue}" },
    { metric: "postfix_queue_size", as: "bytes", queue: "{queue}" },
    // Of the file's last change, which every retry is.
    { metric: "postfix_queue_age", as: "age", queue: "{queue}", atLeast: true },
  ],
} as const satisfies Readonly<Record<string, readonly MappingRow[]>>;

export const readyMadeNames = Object.keys(readyMade) as (keyof typeof readyMade)[];
