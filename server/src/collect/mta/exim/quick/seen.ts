import { SeenTexts } from "../../../quick/texts.ts";
import { MessageIds } from "./ids.ts";

export const messageIds = new MessageIds();

/** Of few kinds: next hops, transports, words of the protocol. */
export const words = new SeenTexts(512);
