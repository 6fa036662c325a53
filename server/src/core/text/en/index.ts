import { actions } from "./actions.ts";
import { attack } from "./attack.ts";
import { counted } from "./counted.ts";
import { database } from "./database.ts";
import { delay } from "./delay.ts";
import { delivery } from "./delivery.ts";
import { dependency } from "./dependency.ts";
import { freshness } from "./freshness.ts";
import { incident } from "./incident.ts";

/** English: id -> parts. One file a topic; ids are `topic.name`. */
export const en = {
  ...delay,
  ...delivery,
  ...counted,
  ...database,
  ...dependency,
  ...freshness,
  ...attack,
  ...actions,
  ...incident,
};
