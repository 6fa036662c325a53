import { SeenTexts } from "../../../quick/texts.ts";

/** Message ids stand in every line of a message, and who follows messages looks each up. */
export const messageIds = new SeenTexts(2_048);

/** Of few kinds: next hops, transports, words of the protocol. */
export const words = new SeenTexts(512);
